"""The heading in a segment's warcinfo is used if it is complete."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from io import BytesIO

import pytest
from specimens.exchanges import MORNING

from archive.spool.intact import heading_of
from archive.warc.exchange_records import warcinfo
from archive.warc.journal import Heading
from archive.warc.record import record_at

FACTS = {"isPartOf": "news", "worker": "worker-1", "epoch": "7"}


def told(name: str, facts: Mapping[str, str]) -> Heading | None:
    with record_at(BytesIO(warcinfo(name, MORNING, facts))) as record:
        return heading_of(record)


def test_the_heading_is_read_from_a_warcinfo() -> None:
    assert told("20261124T063000Z-7-0-abcd", FACTS) == Heading(
        "20261124T063000Z-7-0-abcd", "news", "worker-1", 7, MORNING
    )


@pytest.mark.parametrize("epoch", ["seven", "", "-7"])
def test_a_warcinfo_with_an_invalid_epoch_has_no_heading(epoch: str) -> None:
    assert told("20261124T063000Z-7-0-abcd", FACTS | {"epoch": epoch}) is None


@pytest.mark.parametrize("left_out", FACTS)
def test_a_warcinfo_without_one_of_the_facts_has_no_heading(left_out: str) -> None:
    assert told("20261124T063000Z-7-0-abcd", {name: FACTS[name] for name in FACTS if name != left_out}) is None


def test_a_warcinfo_without_a_name_has_no_heading() -> None:
    whole = warcinfo("20261124T063000Z-7-0-abcd", MORNING, FACTS)
    nameless = gzip.compress(gzip.decompress(whole).replace(b"WARC-Filename", b"X-Called"))

    with record_at(BytesIO(nameless)) as record:
        assert heading_of(record) is None
