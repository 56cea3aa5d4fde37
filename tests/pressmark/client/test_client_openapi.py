"""The requests of the client are those of the OpenAPI document: its paths, methods and parameters."""

from __future__ import annotations

import re
from typing import Any

import pytest

from config.settings import Settings
from pressmark.client import calls
from pressmark.processes.app import create_app
from pressmark.service.assembly import open_pressmark

URL = "https://example.org/news/1?a=1"
REQUESTS: list[calls.Call[Any]] = [
    calls.sources().page("c"),
    calls.source("a"),
    calls.run("a", all_pages=True, force=True),
    calls.archive(URL),
    calls.runs("a", "over").page("c"),
    calls.run_of("r"),
    calls.cancel("r"),
    calls.run_captures("r", requisites=True).page("c"),
    calls.captures(URL, {"since": "2026", "until": "2026", "match": "host", "collection": "c", "tag": "t"}).page("c"),
    calls.search("w", {"language": "en", "source": "a", "site": "s", "current": True, "tag": "t"}).page("c"),
    calls.notes({"tag": "t", "source": "a", "collection": "c"}).page("c"),
    calls.note(URL, "2026"),
    calls.write_note(URL, "2026", ["t"], "n"),
    calls.snapshot(URL, "2026"),
    calls.raw(URL, "2026"),
    calls.text(URL, "2026", markdown=True),
    calls.thread(URL, "2026"),
    calls.article(URL, "2026"),
    calls.similar(URL, "2026"),
    calls.diff(URL, "previous", "latest"),
    calls.cite(URL, "2026", "apa"),
    calls.watches().page("c"),
    calls.watch("w"),
    calls.watch_hits("w").page("9"),
    calls.write_watch("w", ["p"], "v", {}),
    calls.remove_watch("w"),
    calls.undo_watch("w"),
    calls.export("jsonl", {"source": "a", "latest": True, "type": "text/html"}, with_text=True),
]
PAGED = {"/api/v1/sources", "/api/v1/notes", "/api/v1/watches"}
"""Lists that have one page; a cursor would change nothing."""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with open_pressmark(Settings(home=tmp_path_factory.mktemp("home"))) as service:
        return dict(create_app(service).openapi()["paths"])


def described(paths: dict[str, Any], call: calls.Call[Any]) -> set[str] | None:
    """Return the query parameters that the document has for a request; None if it has no such request."""
    for path, methods in paths.items():
        pattern = re.sub(r"\\\{url\\\}", ".+", re.escape(path))
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        if re.fullmatch(pattern, call.path) and call.method.lower() in methods:
            parameters = methods[call.method.lower()].get("parameters", [])
            return {one["name"] for one in parameters if one["in"] == "query"}
    return None


@pytest.mark.parametrize("call", REQUESTS, ids=lambda call: f"{call.method} {call.path}")
def test_the_document_has_each_request_of_the_client(paths: dict[str, Any], call: calls.Call[Any]) -> None:
    known = described(paths, call)

    assert known is not None
    assert set(call.params) - known <= ({"cursor"} if call.path in PAGED else set())


def test_all_requests_of_the_client_are_compared() -> None:
    made = {
        name
        for name in vars(calls)
        if name[0].islower() and getattr(vars(calls)[name], "__module__", "") == calls.__name__
    }

    assert len(made - {"moment"}) == len(REQUESTS)


def test_a_request_that_the_document_lacks_is_noticed(paths: dict[str, Any]) -> None:
    assert described(paths, calls.Call("/api/v1/nothing", lambda answer: answer)) is None
