"""Records without HTTP become captures under their URIs, and the report counts every record."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from oracles.answers import count_records
from specimens import uncrawled
from specimens.archives import LATER, Kept, empty_archive
from specimens.crawled import taken
from specimens.foreign import record
from specimens.uncrawled import FILE, FOLDER, HTML, LOST, PAGE, PICTURE, PNG, SCREENSHOT, write_uncrawled

from archive.export import EXPORTERS, export_to
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.cdx.row import FIELDS
from archive.index.selection import Selection
from archive.intake.foreign.import_file import import_file
from archive.texts.reader import Reader
from archive.values.digest import digest_payload
from archive.warc.integrity.verify import verify
from archive.warc.record import record_at

ELSEWHERE = b"HTTP/1.1 200 OK\r\n\r\n" + uncrawled.ELSEWHERE
TAKEN = {"warcinfo": 1, "resource": 4, "revisit": 2, "conversion": 1, "metadata": 1, "continuation": 1}


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    return write_uncrawled(tmp_path / "uncrawled.warc.gz")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


def facts(kept: Kept, url: str) -> tuple[str, int | None, str | None, int]:
    with kept.archive.snapshot(url, LATER) as snapshot:
        capture = snapshot.capture
        assert snapshot.raw().read() is not None
        return capture.kind, capture.status, capture.mime, capture.payload_length


@pytest.mark.parametrize(
    ("url", "kind", "mime", "body"),
    [
        (PAGE, "resource", "text/html", HTML.encode()),
        (PICTURE, "resource", "image/png", PNG),
        (SCREENSHOT, "resource", "image/png", PNG),
        (FILE, "resource", "text/html", HTML.encode("latin-1")),
        (FOLDER, "revisit", None, HTML.encode()),
    ],
)
def test_a_resource_is_retrieved_by_its_uri(
    kept: Kept, warc: Path, url: str, kind: str, mime: str, body: bytes
) -> None:
    taken(kept, warc)

    with kept.archive.snapshot(url, LATER) as snapshot:
        capture, original = snapshot.capture, snapshot.original
        assert (capture.kind, capture.status, capture.mime, snapshot.head) == (kind, None, mime, b"")
        digests = digest_payload(body)
        assert (original.digest, original.sha256, original.payload_length) == (
            digests.sha1,
            digests.sha256,
            digests.length,
        )
        assert (snapshot.raw().read(), snapshot.payload().body) == (body, body)
        assert (snapshot.content_type or "").startswith(mime or "text/html")


def test_the_report_counts_every_record_and_names_unreadable_ones(kept: Kept, warc: Path) -> None:
    one = taken(kept, warc)

    assert (one.taken, one.captures, one.refused) == (TAKEN, 7, ())
    assert sum(one.taken.values()) == count_records(warc) == 10
    [dangling] = one.dangling
    assert dangling.url == LOST
    assert (
        dangling.why == "it refers to http://elsewhere.example/ of 2020-05-04T03:02:01.000000Z, which is not archived"
    )


def test_a_revisit_is_no_longer_dangling_once_its_original_is_there(kept: Kept, warc: Path, tmp_path: Path) -> None:
    taken(kept, warc)
    original = record(1, ELSEWHERE, WARC_Target_URI="http://elsewhere.example/", WARC_Date="2020-05-04T03:02:01Z")
    (tmp_path / "other.warc").write_bytes(original)
    taken(kept, tmp_path / "other.warc")

    [again] = import_file(warc, "default", kept.archive.ingest, kept.index)

    assert (again.again, again.dangling) == (True, ())


def test_a_conversion_never_replaces_its_page(kept: Kept, warc: Path) -> None:
    taken(kept, warc)

    assert [capture.kind for capture in kept.archive.captures(PAGE)] == ["resource", "conversion"]
    assert facts(kept, PAGE)[0] == "resource"
    [conversion] = [capture for capture in kept.archive.captures(PAGE) if capture.kind == "conversion"]
    with kept.archive.open(conversion) as snapshot:
        assert (snapshot.raw().read(), snapshot.content_type) == (b"Directories", "text/plain")


def test_damaged_resources_are_refused_and_the_others_counted(kept: Kept, warc: Path, tmp_path: Path) -> None:
    """The file is converted: the new one has all intact records, and the report every record."""
    members = [gzip.decompress(member) for member in members_of(warc)]
    members[3] = members[3].replace(b"PNG", b"GNP")
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(b"".join(gzip.compress(member, mtime=0) for member in members))

    one = taken(kept, path)

    assert (one.converted, one.captures, len(one.refused)) == (True, 6, 1)
    assert one.taken == {**TAKEN, "resource": 3}


def members_of(warc: Path) -> list[bytes]:
    octets, found = warc.read_bytes(), []
    while octets:
        with record_at(io.BytesIO(octets)) as first:
            found.append(octets[: first.length])
        octets = octets[len(found[-1]) :]
    return found


def test_the_cdx_lists_them_without_a_status(kept: Kept, warc: Path) -> None:
    taken(kept, warc)

    rows = list(Cdx(kept.database).rows(CdxQuery(SCREENSHOT, "exact")))

    fields = [(FIELDS["mime"](row), FIELDS["status"](row), FIELDS["original"](row)) for row in rows]
    assert fields == [("image/png", None, SCREENSHOT)]


def test_texts_of_html_resources_are_extracted(warc: Path, tmp_path: Path, reader: Reader) -> None:
    with warc.open("rb") as file:
        rows = {row.url: row for row in reader.read_warc(file, "x", Everything())}

    assert set(rows) == {PAGE, FILE}
    assert [row.title for row in rows.values()] == ["Directories"] * 2
    assert all("naïve" in (row.text or "") for row in rows.values())


class Everything:
    def __contains__(self, _: object) -> bool:
        return True


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_resources_survive_an_export_and_an_ingest(kept: Kept, warc: Path, tmp_path: Path, form: str) -> None:
    taken(kept, warc)
    target = tmp_path / f"out{EXPORTERS[form].suffix}"
    export_to(kept.exports, EXPORTERS[form], Selection(), target, now=LATER)

    with empty_archive(tmp_path / "other") as other:
        [one] = import_file(target, "default", other.archive.ingest, other.index)
        assert (one.captures, one.refused, [each.url for each in one.dangling]) == (7, (), [LOST])
        for url in (PAGE, PICTURE, SCREENSHOT, FILE, FOLDER):
            assert facts(other, url) == facts(kept, url)


def test_every_format_exports_resources(kept: Kept, warc: Path, tmp_path: Path) -> None:
    taken(kept, warc)
    for name, exporter in EXPORTERS.items():
        done = export_to(kept.exports, exporter, Selection(), tmp_path / f"{name}{exporter.suffix}", now=LATER)
        assert done.totals.captures >= 6
    lines = (tmp_path / "cdxj.cdxj").read_text().splitlines()
    assert sum('"mime":"image/png"' in line for line in lines) == 2
    assert list(verify(tmp_path / "warc.warc.gz")) == []


def test_a_segmented_record_is_marked_as_truncated(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "segmented.warc"
    path.write_bytes(record(1, WARC_Segment_Number="1"))
    taken(kept, path)

    [capture] = kept.archive.captures("http://a.example/1")
    assert capture.truncated == "unspecified"
