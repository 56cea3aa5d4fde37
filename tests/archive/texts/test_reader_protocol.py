"""The valid responses of the reading process."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from archive.texts.reader_protocol import TextResult, result_of
from extractor.values.text import About, Text

ABOUT = About(section="Tide", tags=("ferry", "harbour"), free=False)
TEXT = Text(
    "The ferry waits", ("Ada Quist",), None, None, "en", "It waits.", "pressmark", "2", {"title": "meta"}, None, ABOUT
)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"state": "done", "reason": null, "text": null}',
        b'{"state": "perfect", "reason": null, "text": null}',
        b'{"state": "none", "reason": null, "text": null, "verdict": {"kind": "boring", "why": "x"}}',
        b'{"state": "none", "reason": null, "text": null, "verdict": "captcha"}',
        b'{"state": "done", "reason": null, "text": {"title": "no more"}}',
        b'{"state": "done", "reason": null, "text": {"title": null, "authors": [], "date": null, "modified": null,'
        b' "language": null, "text": 7, "extractor": "x", "version": "1"}}',
        *(
            json.dumps({"state": "done", "reason": None, "text": asdict(TEXT) | wrong}).encode()
            for wrong in (
                {"about": {"tags": []}, "text": 7},
                {"about": {"tags": [7]}},
                {"about": {"tags": [], "free": "perhaps"}},
                {"about": {"tags": [], "next": {}}},
                {"about": {"tags": [], "else": "x"}},
                {"about": None},
                {"origins": {"title": 7}},
                {"origins": []},
            )
        ),
    ],
)
def test_an_invalid_response_is_a_failure(answer: bytes) -> None:
    assert result_of(answer) == TextResult("failed", "the extractor process sent an invalid response")


def test_a_response_for_a_page_without_text_may_have_fields_alone() -> None:
    fields = replace(TEXT, text="")

    def told(text: Text, state: str) -> TextResult:
        return result_of(json.dumps({"state": state, "reason": "nothing there", "text": asdict(text)}).encode())

    assert told(fields, "none") == TextResult("none", "nothing there", fields)
    for text, state in ((TEXT, "none"), (fields, "done"), (fields, "failed"), (replace(fields, markdown="x"), "none")):
        assert told(text, state).state == "failed"


def test_a_response_is_parsed_to_its_text() -> None:
    answer = json.dumps({"state": "done", "reason": None, "text": asdict(TEXT)}).encode()

    assert result_of(answer) == TextResult("done", None, TEXT)
