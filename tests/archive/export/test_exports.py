"""Every export format: equal to the reviewed sample, complete, verified, and read back as it was exported."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from specimens.archives import FORUM, LATER, NEWS, Kept, empty_archive, placeless, small_archive
from specimens.segments import SegmentFile, answered

from archive.export import EXPORTERS, Exported, export_to, verified
from archive.export.cdxj import Cdxj
from archive.export.compressed import CODINGS, Compressed, LineExporter
from archive.export.jsonl import Jsonl
from archive.export.parquet import Parquet
from archive.export.posts import POSTS
from archive.export.rows import COLUMNS
from archive.index.selection import BadMediaType, Selection
from archive.store.local import LocalStore
from archive.values.digest import sha256
from archive.values.errors import ArchiveError, DamagedRecord
from archive.warc.record import read

GOLDEN = Path(__file__).parent / "golden"
EVERYTHING = Selection()
CHANGING = re.compile(
    rb'("(?:offset|length|bytes)": ?)"?\d+"?|(sha256:|^)[0-9a-f]{64}(?=[" ])|(\.gz)\t\d+\t\d+|(Payload-Oxum: )\d+',
    re.MULTILINE,
)
"""What depends on the version of zlib."""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with small_archive(tmp_path / "archive") as kept:
        yield kept


def export(kept: Kept, form: str, directory: Path, selection: Selection = EVERYTHING) -> Exported:
    exporter = EXPORTERS[form]
    directory.mkdir(exist_ok=True)
    return export_to(kept.exports, exporter, selection, directory / f"out{exporter.suffix}", now=LATER)


def path_of(form: str, directory: Path) -> Path:
    return directory / f"out{EXPORTERS[form].suffix}"


def readable(path: Path) -> bytes:
    """Return the content of a file for review: decompressed, a ZIP file by file, a table as rows."""
    if path.suffix == ".parquet":
        from pyarrow import parquet

        rows = parquet.read_table(path).to_pylist()
        return b"".join(json.dumps(row, default=str, ensure_ascii=False).encode() + b"\n" for row in rows)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            return b"".join(b"== %s\n%s\n" % (name.encode(), plain(package.read(name))) for name in package.namelist())
    return plain(path.read_bytes())


def plain(octets: bytes) -> bytes:
    return gzip.decompress(octets) if octets.startswith(b"\x1f\x8b") else octets


@pytest.mark.parametrize("form", EXPORTERS)
def test_an_export_equals_the_reviewed_sample(kept: Kept, tmp_path: Path, form: str) -> None:
    export(kept, form, tmp_path)

    made = CHANGING.sub(rb"\1\2\3\4*", readable(path_of(form, tmp_path)))
    golden = GOLDEN / f"{form}.txt"
    if os.environ.get("WRITE_GOLDEN"):  # for review and commit
        golden.write_bytes(made)
    assert made == golden.read_bytes()


@pytest.mark.parametrize("form", EXPORTERS)
def test_the_same_export_gives_the_same_bytes(kept: Kept, tmp_path: Path, form: str) -> None:
    one, two = (export(kept, form, tmp_path / name) for name in "ab")

    assert (one.sha256, one.size) == (two.sha256, two.size)
    assert one.size == path_of(form, tmp_path / "a").stat().st_size
    assert [path.name for path in (tmp_path / "a").iterdir()] == [path_of(form, tmp_path).name]


@pytest.mark.parametrize("form", EXPORTERS)
def test_a_stream_gives_the_same_bytes_as_a_file(kept: Kept, tmp_path: Path, form: str) -> None:
    export(kept, form, tmp_path)

    with kept.exports.streamed(EXPORTERS[form], EVERYTHING, LATER) as stream:
        streamed = b"".join(stream.pieces)

    assert streamed == path_of(form, tmp_path).read_bytes()
    assert stream.name.endswith(EXPORTERS[form].suffix)


@pytest.mark.parametrize("form", EXPORTERS)
def test_a_flipped_byte_is_found(kept: Kept, tmp_path: Path, form: str) -> None:
    exported, path = export(kept, form, tmp_path), path_of(form, tmp_path)
    whole = path.read_bytes()
    assert list(verified(EXPORTERS[form], path, exported.sha256)) == []

    for place in range(0, len(whole), max(1, len(whole) // 97)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert list(verified(EXPORTERS[form], path, exported.sha256)) != [], place


CHECKED = ("wacz", "warc", "wet", "wat", "bagit", "parquet", "zipnum")
"""Formats that carry digests or checks of their own."""


@pytest.mark.parametrize("form", CHECKED)
def test_the_format_alone_reveals_most_flipped_bytes(kept: Kept, tmp_path: Path, form: str) -> None:
    export(kept, form, tmp_path)
    path = path_of(form, tmp_path)
    whole = path.read_bytes()

    found = places = 0
    for place in range(0, len(whole), max(1, len(whole) // 97)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        places, found = places + 1, found + bool(list(EXPORTERS[form].verify(path)))

    assert found > places * 0.5, (found, places)


@pytest.mark.parametrize("form", EXPORTERS)
def test_the_format_alone_reveals_a_truncated_file(kept: Kept, tmp_path: Path, form: str) -> None:
    export(kept, form, tmp_path)
    path = path_of(form, tmp_path)
    path.write_bytes(path.read_bytes()[:-5])

    assert list(EXPORTERS[form].verify(path)) != []


def test_a_warc_ingested_into_an_empty_archive_gives_the_same_captures(kept: Kept, tmp_path: Path) -> None:
    export(kept, "warc", tmp_path)

    with empty_archive(tmp_path / "other") as other:
        assert other.archive.ingest(path_of("warc", tmp_path)).captures == 7
        assert other.captures() == kept.captures()
        with other.archive.snapshot(NEWS, LATER + timedelta(days=1)) as snapshot:
            assert snapshot.raw().read().startswith(b"<title>A new telescope")


def test_an_export_includes_the_originals_of_its_revisits(kept: Kept, tmp_path: Path) -> None:
    exported = export(kept, "warc", tmp_path, Selection(since=LATER))

    assert (exported.totals.captures, exported.totals.originals, exported.totals.missing) == (3, 1, 0)
    with empty_archive(tmp_path / "other") as other:
        other.archive.ingest(path_of("warc", tmp_path))
        assert [capture.kind for capture in other.archive.captures(NEWS)] == ["response", "revisit", "not-modified"]
        with other.archive.snapshot(NEWS, LATER + timedelta(days=1)) as snapshot:
            assert snapshot.capture.kind == "not-modified"
            assert snapshot.raw().read().startswith(b"<title>A new telescope")


@pytest.mark.parametrize(
    ("selection", "urls"),
    [
        (Selection(source="forum"), {FORUM}),
        (Selection(source="nobody"), set()),
        (Selection(collection="default", url="https://example.org/news"), {NEWS}),
        (Selection(url="http://www.EXAMPLE.org/news/1"), {NEWS}),
        (Selection(collection="other"), set()),
        (Selection(collection="all", since=LATER + timedelta(minutes=2)), {FORUM}),
        (Selection(until=LATER - timedelta(days=1)), {NEWS}),
    ],
)
def test_the_file_contains_the_selection_and_nothing_else(
    kept: Kept, tmp_path: Path, selection: Selection, urls: set[str]
) -> None:
    export(kept, "jsonl", tmp_path, selection)

    rows = rows_of(path_of("jsonl", tmp_path))
    assert {row["url"] for row in rows} == urls
    assert all(list(row) == list(COLUMNS) for row in rows)


IMAGE = "https://example.org/p.png"
HOME = "http://example.org/"
GONE = "https://example.org/gone"


@pytest.mark.parametrize(
    ("selection", "captures"),
    [
        (
            Selection(with_text=True),
            [(NEWS, "response"), (NEWS, "revisit"), (NEWS, "not-modified"), (FORUM, "response")],
        ),
        (Selection(latest=True, source="example"), [(IMAGE, 200), (HOME, 301), (GONE, 404), (NEWS, "revisit")]),
        (Selection(latest=True, with_text=True), [(NEWS, "revisit"), (FORUM, "response")]),
        (Selection(latest=True, since=LATER + timedelta(minutes=1), url=NEWS), [(NEWS, "not-modified")]),
        (Selection(language="zh"), [(FORUM, "response")]),
        (Selection(language="ZH-cn", with_text=True), [(FORUM, "response")]),
        (Selection(language="z"), []),
        (Selection(media_type="text/html", source="example", latest=True), [(GONE, 404), (NEWS, "revisit")]),
        (Selection(media_type="text/html", url=NEWS), [(NEWS, "response"), (NEWS, "revisit"), (NEWS, "not-modified")]),
        (Selection(media_type="Image/*"), [(IMAGE, 200)]),
    ],
)
def test_captures_are_selected_by_text_type_language_and_being_the_latest(
    kept: Kept, tmp_path: Path, selection: Selection, captures: list[tuple[str, str | int]]
) -> None:
    export(kept, "jsonl", tmp_path, selection)

    rows = rows_of(path_of("jsonl", tmp_path))
    assert [
        (row["url"], row["kind"] if isinstance(said, str) else row["status"])
        for row, (_, said) in zip(rows, captures, strict=True)
    ] == captures
    assert all(row["text"] for row in rows) or not selection.with_text


@pytest.mark.parametrize("text", ["image", "", "*/*", "text/", "text/html; charset=utf-8"])
def test_an_invalid_media_type_is_refused(text: str) -> None:
    with pytest.raises(BadMediaType, match=r"invalid media type .*: write it like text/html"):
        Selection(media_type=text)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_revisit_has_the_media_type_of_its_original(kept: Kept, tmp_path: Path) -> None:
    export(kept, "jsonl", tmp_path, Selection(url=NEWS))

    assert [row["mime"] for row in rows_of(path_of("jsonl", tmp_path))] == ["text/html"] * 3


def test_different_selections_have_different_words() -> None:
    one = Selection(source="a", with_text=True, latest=True, language="zh", media_type="text/html")

    assert one.words() == "source a, with text, latest captures, language zh, type text/html"
    assert Selection().words() == "everything"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("plain_one", [Jsonl(), Jsonl(POSTS), Cdxj()], ids=["captures", "posts", "cdxj"])
def test_a_compressed_export_has_the_lines_of_the_plain_one(
    kept: Kept, tmp_path: Path, coding: str, plain_one: LineExporter
) -> None:
    exporter, lines, target = Compressed(plain_one, CODINGS[coding]), tmp_path / "lines", tmp_path / "packed"
    export_to(kept.exports, plain_one, EVERYTHING, lines, now=LATER)
    exported = export_to(kept.exports, exporter, EVERYTHING, target, now=LATER)
    whole = target.read_bytes()

    assert exporter.suffix == f"{plain_one.suffix}.{coding}"
    unpacked = gzip.decompress(whole) if coding == "gz" else zstandard.ZstdDecompressor().stream_reader(whole).read()
    assert unpacked == lines.read_bytes() != b""
    assert list(verified(exporter, target, exported.sha256)) == []
    for harmed in (whole[:-5], whole[:40], whole[: len(whole) // 2] + b"\x00\xff" + whole[len(whole) // 2 + 2 :]):
        target.write_bytes(harmed)
        assert list(exporter.verify(target)) != []


@pytest.mark.parametrize("form", [Jsonl, Parquet])
def test_each_post_of_a_thread_is_a_row(kept: Kept, tmp_path: Path, form: type[Jsonl] | type[Parquet]) -> None:
    exporter = form(POSTS)
    target = tmp_path / f"out{exporter.suffix}"
    export_to(kept.exports, exporter, EVERYTHING, target, now=LATER)

    rows = [json.loads(line) for line in readable(target).splitlines()]
    assert [(row["position"], row["post_id"], row["author"], row["date"]) for row in rows] == [
        (1, "p11", "Mira", "2026-01-29T08:00:00+00:00"),
        (2, "p12", None, None),
    ]
    one = rows[0]
    assert (one["thread"], one["url"], one["page"], one["pages"]) == ("https://forum.example.net/t/7", FORUM, 2, 2)
    assert (one["text"], one["own_text"]) == ("> 第一帖\n第二帖", "第二帖")
    capture = next(kept.archive.captures(FORUM))
    assert (one["record_id"], one["original_record_id"]) == (capture.record_id, capture.record_id)
    assert list(one) == list(POSTS.columns)


def test_posts_and_captures_are_never_mixed_in_one_file(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    export_to(kept.exports, Jsonl(), EVERYTHING, target, now=LATER)
    whole = target.read_bytes()

    assert [finding.sentence for finding in Jsonl(POSTS).verify(target)][:1] == ["line 1 lacks the fields of a post"]
    assert Jsonl(POSTS).name != Jsonl().name
    assert whole


def test_an_empty_selection_gives_a_valid_file_of_each_format(kept: Kept, tmp_path: Path) -> None:
    for form in EXPORTERS:
        assert export(kept, form, tmp_path, Selection(source="nobody")).totals.captures == 0


def test_a_wacz_has_not_modified_responses_in_its_warc_and_not_in_its_index(kept: Kept, tmp_path: Path) -> None:
    export(kept, "wacz", tmp_path)

    with zipfile.ZipFile(path_of("wacz", tmp_path)) as package:
        index = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        kinds = [record.header("warc-profile") for record in read(io.BytesIO(package.read("archive/data.warc.gz")))]
    assert len(index) == 6
    assert not any('"status":"304"' in line for line in index)
    assert sum(bool(kind and kind.endswith("server-not-modified")) for kind in kinds) == 1


def test_a_damaged_record_of_the_archive_is_left_out_and_reported(kept: Kept, tmp_path: Path) -> None:
    harmed = next(kept.archive.captures(FORUM))
    row = kept.index.segment(harmed.location.segment)
    assert row
    assert row.object_key
    octets = bytearray(kept.store.get(row.object_key).read())
    octets[harmed.location.offset + harmed.location.length // 2] ^= 1
    kept.store.put(row.object_key, io.BytesIO(octets), sha256(bytes(octets)), replace=True)

    for form in ("warc", "wacz", "bagit", "wat"):
        exported = export(kept, form, tmp_path)
        assert [finding.offset for finding in exported.left_out] == [harmed.location.offset]
    with empty_archive(tmp_path / "other") as other:
        assert other.archive.ingest(path_of("warc", tmp_path)).captures == 6
        assert other.captures() == [placeless(c) for c in kept.captures() if c.url != FORUM]
    with (
        pytest.raises(DamagedRecord, match=f"{harmed.location.segment}, offset {harmed.location.offset}"),
        kept.exports.streamed(EXPORTERS["warc"], EVERYTHING, LATER) as stream,
    ):
        b"".join(stream.pieces)


@pytest.mark.parametrize("form", ["wacz", "warc", "bagit"])
def test_a_stream_holds_no_more_than_a_few_mib_of_a_large_archive(tmp_path: Path, form: str) -> None:
    octets = random.Random(7).randbytes(24 << 20)
    large = SegmentFile(tmp_path)
    large.write(answered("https://example.org/film", octets))
    with empty_archive(tmp_path / "a", LocalStore(tmp_path / "store")) as kept, tempfile.TemporaryFile() as file:
        kept.archive.ingest(large.path)
        with kept.exports.streamed(EXPORTERS[form], EVERYTHING, LATER) as stream:
            tracemalloc.start()
            for piece in stream.pieces:
                file.write(piece)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

        assert file.tell() > 24 << 20
        assert peak < 8 << 20


def test_missing_originals_of_revisits_are_counted(tmp_path: Path) -> None:
    with small_archive(tmp_path / "a") as kept:
        export(kept, "warc", tmp_path, Selection(since=LATER, url=NEWS))
    lonely = tmp_path / "lonely.warc.gz"
    whole = path_of("warc", tmp_path).read_bytes()
    start = next(record.offset for record in read(io.BytesIO(whole)) if record.type == "revisit")
    lonely.write_bytes(whole[start:])

    with empty_archive(tmp_path / "other") as other:
        other.archive.ingest(lonely)
        assert export(other, "wacz", tmp_path / "b").totals.missing == 2


def test_the_error_without_the_parquet_library_names_it(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    with pytest.raises(
        ArchiveError, match=r"Parquet needs pyarrow, which is not installed: pip install 'pressmark\[parquet\]'"
    ):
        export(kept, "parquet", tmp_path)
