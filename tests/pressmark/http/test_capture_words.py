"""The words for kinds of captures on pages: each kind has some, in both languages, and no page shows the short name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import pressmark.http
from archive.values.capture import Kind
from extractor.values.verdict import Kind as Verdict
from pressmark.http.reader import Reader, capture_word, reader
from pressmark.http.words import CAPTURE_WORDS

TEMPLATES = Path(pressmark.http.__file__).parent / "templates"
RAW = re.compile(r"(?:_\(|\{\{ )(?:(?:capture|snapshot|one)\.(?:kind|verdict)|\w+_instead)(?:\)| \}\})")
"""Ways in which a template would show the short name."""


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", sorted({*get_args(Kind), *get_args(Verdict)} - {"failed"}))
def test_each_kind_of_capture_has_words_for_people(language: str, name: str) -> None:
    held = reader.set(Reader(language))
    try:
        said = capture_word(name)
    finally:
        reader.reset(held)

    assert said != name
    assert (said == CAPTURE_WORDS[name]) == (language == "en")


def test_a_status_of_an_error_is_said_to_be_one_and_any_other_name_stays() -> None:
    assert (capture_word("404"), capture_word("failed")) == ("error (status 404)", "failed")


def test_no_template_shows_the_short_name_of_a_kind() -> None:
    assert [path.name for path in sorted(TEMPLATES.glob("*.html")) if RAW.search(path.read_text())] == []


def test_a_template_that_showed_a_short_name_would_be_found() -> None:
    assert RAW.search("<dd>{{ capture.kind }}</dd>")
    assert RAW.search("{{ _(capture.verdict) }}")
    assert not RAW.search("{{ capture.kind | capture_word }}")
