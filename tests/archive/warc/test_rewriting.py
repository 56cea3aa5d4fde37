"""A WARC is copied without some captures: what belongs to them goes, and what belongs to others stays."""

from __future__ import annotations

from io import BytesIO

import pytest
from specimens.plain_warcs import record, request, response

from archive.values.capture import Capture
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read
from archive.warc.rewriting import copy_without

URL, OTHER = "http://example.org/a", "http://example.org/b"
ONE, TWO, ASKED = (f"<urn:uuid:00000000-0000-4000-8000-00000000000{n}>" for n in (1, 2, 3))


def left_of(records: list[str], gone: int) -> str:
    content = "".join(records).encode()
    found: list[Capture] = list(captures_of(read(BytesIO(content)), "s", "default", urlkey))
    into = BytesIO()
    copy_without(BytesIO(content), [one for one in found if one.kind == "response"][gone : gone + 1], into)
    return into.getvalue().decode()


@pytest.mark.parametrize("gone", [0, 1])
@pytest.mark.parametrize("first", ["request", "response"])
def test_of_two_answers_of_a_second_each_keeps_its_request(gone: int, first: str) -> None:
    pairs = [(request(URL, "of-first"), response(URL, "first")), (request(URL, "of-second"), response(URL, "second"))]
    if first == "response":  # then only their names tell
        pairs = [
            (response(URL, "first", id_=ONE), request(URL, "of-first", WARC_Concurrent_To=ONE)),
            (response(URL, "second", id_=TWO), request(URL, "of-second", WARC_Concurrent_To=TWO)),
        ]
    left = left_of([one for pair in pairs for one in pair], gone)
    names = ["first", "second"]

    assert f"of-{names[gone]}" not in left
    assert f"of-{names[1 - gone]}" in left


def test_a_request_that_both_answers_name_stays_with_the_other() -> None:
    records = [
        request(URL, "of-both", id_=ASKED),
        response(URL, "first", WARC_Concurrent_To=ASKED),
        response(OTHER, "second", WARC_Concurrent_To=ASKED),
    ]
    assert "of-both" in left_of(records, 0)
    assert "of-both" not in left_of(records[:2], 0)  # the control


def test_a_request_apart_from_its_answer_goes_with_the_last_answer_of_its_second() -> None:
    alone = [request(URL, "apart"), response(OTHER, "between"), response(URL, "gone")]
    assert "apart" not in left_of(alone, 1)
    assert "apart" in left_of(alone, 0)
    assert "apart" in left_of([*alone, response(URL, "stays")], 1)


def test_metadata_and_continuations_go_with_their_record_and_with_their_request() -> None:
    records = [
        response(URL, "gone", id_=ONE),
        request(URL, "cookie", id_=ASKED, WARC_Concurrent_To=ONE),
        record("metadata", URL, "of: response\r\n", WARC_Refers_To=ONE),
        record("metadata", URL, "of: request\r\n", WARC_Concurrent_To=ASKED),
        record("continuation", URL, "rest", WARC_Segment_Origin_ID=ONE, WARC_Segment_Number="2"),
        record("metadata", OTHER, "of: another\r\n", WARC_Refers_To=TWO),
        response(OTHER, "stays", id_=TWO),
    ]
    left = left_of(records, 0)

    for name in ("of: response", "of: request", "cookie", "rest", "gone"):
        assert name not in left
    assert "of: another" in left
    assert "stays" in left
