"""A peer on loopback that speaks the API of OpenAI for chat completions, and its failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crawling.site import Asked, Reply, Site

PATH = "/v1/chat/completions"
MODEL = "small-model"


def settings_for(site: Site, **more: Any) -> dict[str, Any]:
    """Return the settings of a service that may ask the peer."""
    return {"url": f"{site.url}/v1", "model": MODEL, "addresses": ["127.0.0.0/8"], "timeout": "5s", **more}


def said(text: str, finish_reason: str | None = "stop") -> Reply:
    """Return an answer of the API with this text."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text}}
    body = {"id": "x", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": {"total_tokens": 9}}
    return Reply(body=json.dumps(body), type="application/json")


def text_in(asked: Asked) -> str:
    """Return the text of a question: what stands between its two lines with the word that its order names."""
    order, question = (message["content"] for message in json.loads(asked.body)["messages"])
    lines = question.split("\n")
    assert lines[0] == lines[-1] and lines[0] in order, "the order names the word around the text"
    return "\n".join(lines[1:-1])


def obliging(asked: Asked) -> Reply:
    """Answer as a model that does what it is asked: with a mark before the text."""
    order = json.loads(asked.body)["messages"][0]["content"]
    return said(f"{'SUMMARY' if order.startswith('Summarize') else 'TRANSLATION'} of: {text_in(asked)}")


WRONG: dict[str, tuple[Reply | Callable[[Asked], Reply], str]] = {
    "an error": (Reply(500, "no"), "127.0.0.1 answered 500"),
    "a wrong key": (
        Reply(401, '{"error": {"message": "wrong key"}}', type="application/json"),
        "127.0.0.1 answered 401",
    ),
    "a redirect": (Reply(302, headers=(("Location", "http://127.0.0.1:1/"),)), "127.0.0.1 answered 302"),
    "a closed connection": (Reply(cut=True), "127.0.0.1 sent no response"),
    "slowness": (lambda asked: Reply(body="{}", after=3.0), "127.0.0.1 did not respond within 1 s"),
    "a huge answer": (said("x" * 400_000), "127.0.0.1 sent an answer that is cut off, or larger than 256 KiB"),
    "a page": (Reply(body="<!doctype html><h1>Log in</h1>"), "127.0.0.1 sent something else than an answer of the API"),
    "other JSON": (Reply(body='{"choices": []}'), "127.0.0.1 sent something else than an answer of the API"),
    "no text": (said("<think>nothing</think> \u200b\u0000"), "127.0.0.1 sent an empty answer"),
    "deep JSON": (Reply(body="[" * 100_000), "127.0.0.1 sent something else than an answer of the API"),
    "no UTF-8": (Reply(body=b'{"choices": "\xff"}'), "127.0.0.1 sent something else than an answer of the API"),
}
"""What goes wrong with an endpoint, and the beginning of what is said of it."""
