from __future__ import annotations

import json

import pytest
from conftest import LONG
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens.captures import capture_of, captures, revisit_of

from archive.values.capture import Capture
from archive.values.errors import DamagedRecord
from archive.warc import cdxj

STANDARD = {"url", "mime", "status", "digest", "length", "offset", "filename"}


@settings(max_examples=5_000 if LONG else 100)
@given(captures())
def test_a_line_is_parsed_to_the_capture_that_it_was_written_from(capture: Capture) -> None:
    assert cdxj.parse(cdxj.line(capture)) == capture


@settings(max_examples=1_000 if LONG else 30)
@given(st.lists(captures(), max_size=5))
def test_a_file_is_parsed_to_its_captures_in_byte_order(many: list[Capture]) -> None:
    written = cdxj.write(many)

    lines = written.splitlines(keepends=True)
    assert lines == sorted(lines)
    assert sorted(cdxj.read(written), key=repr) == sorted(many, key=repr)


def test_a_line_has_the_standard_keys_in_the_usual_form() -> None:
    capture = capture_of("https://www.example.org/News/?b=2&a=1", minute=1 / 60, payload=b"")

    urlkey, timestamp, fields = cdxj.line(capture).split(" ", 2)

    assert (urlkey, timestamp) == ("org,example)/news?a=1&b=2", "20260131120001")
    assert {key: value for key, value in json.loads(fields).items() if key in STANDARD} == {
        "url": "https://www.example.org/News/?b=2&a=1",
        "mime": "text/html",
        "status": "200",
        "digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
        "length": "300",
        "offset": "500",
        "filename": "20260131T120000Z-1-0-abcd.warc.gz",
    }


def test_the_mime_of_a_revisit_is_warc_revisit_and_its_own_type_is_kept() -> None:
    capture = revisit_of(capture_of(), minute=5)

    fields = json.loads(cdxj.line(capture).split(" ", 2)[2])

    assert (fields["mime"], fields["content"]) == ("warc/revisit", "text/html")


def test_an_export_has_only_standard_keys_and_no_not_modified_captures() -> None:
    original = capture_of()
    same, unchanged = revisit_of(original, minute=5), revisit_of(original, minute=9, kind="not-modified")

    lines = cdxj.write([original, same, unchanged], export=True).decode().splitlines()

    assert [line.split()[1] for line in lines] == ["20260131120000", "20260131120500"]
    assert all(json.loads(line.split(" ", 2)[2]).keys() == STANDARD for line in lines)
    assert len(cdxj.write([original, same, unchanged]).splitlines()) == 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"offset":"500"', '"offset":"x"'),
        ('"kind":"response"', '"kind":"x"'),
        ('"span"', '"spam"'),
        ("}", ""),
        (" ", ""),
        ("{", "[{"),
        ("20260131120000", "2026013112000"),
        ("20260131120000", "20261331120000"),
    ],
)
def test_an_invalid_line_is_refused(before: str, after: str) -> None:
    good = cdxj.line(capture_of())
    bad = good.replace(before, after, 1)
    assert bad != good

    with pytest.raises(DamagedRecord, match="line of CDXJ"):
        cdxj.parse(bad)
    with pytest.raises(DamagedRecord, match="line 2 of a CDXJ file"):
        list(cdxj.read(f"{good}\n{bad}\n".encode()))
