"""Texts whose site reserves text and data mining are not handed out, as the use of their source says."""

from __future__ import annotations

import asyncio
import gzip
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from specimens.segments import CONTEXT, SegmentFile, answered
from specimens.versions import THREAD, URL, Version, keep, thread_version
from sqlalchemy import text

from archive.database.closed_collections import closing_collections
from archive.export import export_to
from archive.index.selection import Selection
from config.load import Sources
from config.settings import Settings
from config.source import Source
from pressmark.api.mcp.server import server
from pressmark.cli.terminal.why_table import rows_of
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.exports import exporter_of, exports_of
from pressmark.upkeep.why import why
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.capture_shapes import WithheldShape
from pressmark.views.describe_captures import snapshot_shape
from pressmark.views.reserved_texts import ReservedTexts
from scheduler.run import LOOSE

SECRET = b"zanzibarite"
SOURCE = f"source: {CONTEXT.source}\nseeds: ['https://example.org/']\nuse: "
USES = [
    (None, None, True),
    ("research", None, True),
    ("preservation", None, False),
    ("general", None, False),
    (None, "preservation", False),
    ("preservation", "research", True),
    ("research", "preservation", False),
]
"""The setting, what the source says, and whether reserved texts are handed out."""

AS_REVISIT = """
UPDATE captures SET kind = 'not-modified', status = 304, reservations = :said, refers_to_url = :url,
refers_to_record = (SELECT record_id FROM captures WHERE url = :url ORDER BY at LIMIT 1),
refers_to_at = (SELECT min(at) FROM captures WHERE url = :url)
WHERE id = (SELECT id FROM captures WHERE url = :url ORDER BY at DESC LIMIT 1)"""
"""Makes the later capture of a page an answer 304 to the earlier one."""


@contextmanager
def archive(home: Path, use: str | None, of_source: str | None, reserved: str | None) -> Iterator[Service]:
    """Open an archive of two versions of a page, and a thread; all have that reservation."""
    with open_pressmark(Settings(home=home, use=use)) as service:
        if of_source:
            (home / "sources").mkdir(exist_ok=True)
            (home / "sources" / f"{CONTEXT.source}.yaml").write_text(SOURCE + of_source, "utf-8")
        (home / "segments").mkdir()
        words = SECRET.decode()
        keep(
            service,
            home / "segments",
            Version(f"The {words} stood still. " + "It was repaired. " * 9, minute=0),
            Version(f"The {words} goes again. " + "It was repaired. " * 9, minute=60),
            thread_version([("1", f"The {words} started."), ("2", "It did not.")], 120),
        )
        with service.database.writing() as connection:
            connection.execute(text("UPDATE captures SET reservations = :said"), {"said": reserved})
        yield service


def register(service: Service, segment: SegmentFile) -> None:
    """Put the captures of a segment into the index."""
    at = segment.captures[0].at
    service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=at)
    service.index.add(segment.captures)


def exported(service: Service, form: str, home: Path, *, posts: bool = False) -> bytes:
    """Return what an export contains, decompressed."""
    exporter = exporter_of(service, form, posts=posts)
    file = home / f"out{exporter.suffix}"
    export_to(exports_of(service), exporter, Selection(), file, now=service.now())
    if form == "parquet":
        from pyarrow import parquet

        return repr(parquet.read_table(file).to_pylist()).encode()
    if form == "wacz":
        with zipfile.ZipFile(file) as package:
            return package.read("pages/pages.jsonl")
    octets = file.read_bytes()
    return gzip.decompress(octets) if octets.startswith(b"\x1f\x8b") else octets


@pytest.mark.parametrize(("use", "of_source", "handed_out"), USES)
def test_exports_of_texts_leave_out_what_is_reserved_if_the_use_obeys_that(
    tmp_path: Path, use: str | None, of_source: str | None, handed_out: bool
) -> None:
    with archive(tmp_path, use, of_source, "tdm-reservation: 1") as service:
        found = {form: exported(service, form, tmp_path) for form in ("jsonl", "parquet", "wet", "wacz")}
        posts = exported(service, "jsonl", tmp_path, posts=True)
        whole = exported(service, "warc", tmp_path)

    assert {form: SECRET in octets for form, octets in found.items()} == dict.fromkeys(found, handed_out)
    assert (SECRET in posts) is handed_out
    assert SECRET in whole  # the archive itself is complete
    assert b"tdm-reservation: 1" in found["jsonl"]
    assert b"tdm-reservation: 1" in found["wacz"]
    assert (b"the site reserves" in found["jsonl"]) is False


@pytest.mark.parametrize(("use", "of_source", "handed_out"), USES)
def test_why_says_what_withholds_a_text(
    tmp_path: Path, use: str | None, of_source: str | None, handed_out: bool
) -> None:
    with archive(tmp_path, use, of_source, "tdmrep.json tdm-reservation: 1") as service:
        shape = why(service, URL)
        with snapshot_at(service, URL, "latest") as found:
            shown = snapshot_shape(service, found).withheld
        lines = dict(rows_of(shape))

    assert shown == shape.withheld
    assert ("text withheld" not in lines) is handed_out
    if not handed_out:
        whose = "source" if of_source else "settings"
        assert shape.withheld == WithheldShape(
            said="tdmrep.json tdm-reservation: 1", use=of_source or use, use_of=whose
        )
        assert "tdmrep.json tdm-reservation: 1" in lines["text withheld"]


def test_a_reservation_binds_readers_of_other_collections_as_everybody(tmp_path: Path) -> None:
    """The source is unknown to a reader to whom its collection is closed, and a capture may be in another one."""
    closed = frozenset({"own"})
    with archive(tmp_path, None, "preservation\nkeep: {collection: own}", "tdm-reservation: 1") as service:
        with closing_collections(closed, service.open_sources(closed)):
            binds = ReservedTexts(service).binds(CONTEXT.source)
        free = ReservedTexts(service).binds("another")

    assert (binds, free) == (True, False)


def remove_after_a_run(service: Service, home: Path, use: str | None) -> None:
    """Write a source with this `use`, begin a run of it, and delete its file."""
    file = home / "sources" / f"{CONTEXT.source}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SOURCE.replace("use: ", f"use: {use}" if use else ""), "utf-8")
    described = Sources(file.parent).get(CONTEXT.source)
    run = service.runs.begin(CONTEXT.source, "w", service.epochs.begin("w"))
    service.runs.configured(run, described)
    file.unlink()


@pytest.mark.parametrize(
    ("setting", "uses", "handed_out"),
    [
        (None, ["preservation"], False),
        ("research", ["general"], False),
        ("preservation", ["research"], True),
        (None, ["research", "preservation"], False),
        (None, ["preservation", "research"], True),
        ("preservation", [None], False),
        ("research", [None], True),
        ("preservation", [], False),
        (None, [], True),
    ],
)
def test_what_the_last_run_of_a_removed_source_was_for_still_holds(
    tmp_path: Path, setting: str | None, uses: list[str | None], handed_out: bool
) -> None:
    with archive(tmp_path, setting, None, "tdm-reservation: 1") as service:
        for use in uses:
            remove_after_a_run(service, tmp_path, use)
        assert CONTEXT.source not in service.all_sources.good
        octets = exported(service, "jsonl", tmp_path)

    assert (SECRET in octets) is handed_out


@pytest.mark.parametrize(
    ("of_run", "later", "handed_out"), [("preservation", "research", False), ("research", "preservation", True)]
)
def test_a_use_that_was_changed_after_the_last_run_ends_with_its_source(
    tmp_path: Path, of_run: str, later: str, handed_out: bool
) -> None:
    """While the source is there, the later one holds."""
    with archive(tmp_path, None, None, "tdm-reservation: 1") as service:
        remove_after_a_run(service, tmp_path, of_run)
        file = tmp_path / "sources" / f"{CONTEXT.source}.yaml"
        file.write_text(SOURCE.replace("use: ", f"use: {later}"), "utf-8")
        service.all_sources.reload()
        before = SECRET in exported(service, "jsonl", tmp_path)
        file.unlink()
        service.all_sources.reload()
        after = SECRET in exported(service, "jsonl", tmp_path)

    assert (before, after) == (not handed_out, handed_out)


@pytest.mark.parametrize(
    ("setting", "uses", "bound"),
    [
        ("research", ["preservation", None], True),
        ("preservation", ["research", None], True),
        ("research", ["research", None], False),
        (None, [None], False),
    ],
)
def test_single_pages_are_bound_by_the_setting_and_by_the_use_once_described(
    tmp_path: Path, setting: str | None, uses: list[Any], bound: bool
) -> None:
    """Runs of single pages are possible without a description: earlier and later captures have the same source."""
    with archive(tmp_path, setting, None, None) as service:
        for use in uses:
            run = service.runs.begin(LOOSE, "w", service.epochs.begin("w"))
            described = Source(name=LOOSE, seeds=("https://example.org/",), walk="page", use=use)
            service.runs.configured(run, described)
        assert ReservedTexts(service).binds(LOOSE) is bound


def test_the_use_of_a_removed_source_binds_readers_who_don_t_see_its_runs(tmp_path: Path) -> None:
    closed = frozenset({"another"})
    with archive(tmp_path, None, None, "tdm-reservation: 1") as service:
        remove_after_a_run(service, tmp_path, "preservation")
        with closing_collections(closed, service.open_sources(closed)):
            seen = service.runs.list()
            binds = ReservedTexts(service).binds(CONTEXT.source)

    assert (seen, binds) == ([], True)


@pytest.mark.parametrize(
    ("file", "content", "handed_out"),
    [
        (f"{CONTEXT.source}.yaml", b"typo: 1\n", False),
        ("others.yaml", f"sources: [{{source: {CONTEXT.source}, use: preservation}}]\n".encode(), False),
        ("others.yaml", b"\xff", False),
        ("others.yaml", b"source: another\ntypo: 1\n", True),
        ("others.yaml", b"source: another\nseeds: ['https://example.org/']\n", True),
    ],
)
@pytest.mark.parametrize("ran", [False, True])
def test_reservations_bind_while_a_file_with_a_mistake_may_describe_the_source(
    tmp_path: Path, file: str, content: bytes, handed_out: bool, ran: bool
) -> None:
    with archive(tmp_path, "research", None, "tdm-reservation: 1") as service:
        if ran:
            remove_after_a_run(service, tmp_path, None)
        service.all_sources.poll()  # forgets what the file said
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "sources" / file).write_bytes(content)
        service.all_sources.poll()
        octets = exported(service, "jsonl", tmp_path)
        shape = why(service, URL)

    assert CONTEXT.source not in service.all_sources.good
    assert (SECRET in octets) is handed_out
    assert (shape.withheld is None) is handed_out
    if not handed_out:
        assert shape.withheld == WithheldShape(said="tdm-reservation: 1", use=None, use_of="unknown")
        assert "as the files of sources have a mistake" in dict(rows_of(shape))["text withheld"]


def test_reservations_bind_while_the_directory_of_sources_can_t_be_read(tmp_path: Path) -> None:
    (tmp_path / "sources").symlink_to(tmp_path / "sources")  # a loop, which nobody can list
    with archive(tmp_path, "research", None, "tdm-reservation: 1") as service:
        octets = exported(service, "jsonl", tmp_path)

    assert service.all_sources.unreadable
    assert SECRET not in octets


def test_what_the_original_of_a_revisit_reserves_holds_beside_what_the_revisit_says(tmp_path: Path) -> None:
    with archive(tmp_path, "preservation", None, "tdm-reservation: 1") as service:
        with service.database.writing() as connection:
            connection.execute(text(AS_REVISIT), {"url": URL, "said": "robots.txt content-signal: search=yes"})
        rows = [json.loads(line) for line in exported(service, "jsonl", tmp_path).splitlines()]

    [again] = [row for row in rows if row["status"] == 304]
    assert again["reservations"] == "robots.txt content-signal: search=yes\ntdm-reservation: 1"
    assert not again["text"]


def test_a_thread_is_given_without_the_posts_of_captures_that_are_reserved(tmp_path: Path) -> None:
    async def ask(service: Service) -> Any:
        async with Client(server(service)) as client:
            return await client.call_tool("read_thread", {"url": THREAD})

    with archive(tmp_path, "preservation", None, "tdm-reservation: 1") as service:
        keep(service, tmp_path / "segments", thread_version([("2", "It did not."), ("3", "It does.")], 240))
        answer = asyncio.run(ask(service))

    assert not answer.is_error
    assert SECRET.decode() not in repr(answer.content)
    assert "It does." in repr(answer.content)


@pytest.mark.parametrize(("use", "handed_out"), [(None, True), ("research", True), ("preservation", False)])
def test_metadata_of_a_reserved_page_has_neither_its_links_nor_its_descriptions(
    tmp_path: Path, use: str | None, handed_out: bool
) -> None:
    page = b"<title>Clocks</title><meta name=description content=zanzibarite><a href=/zanzibarite>The zanzibarite</a>"
    with archive(tmp_path, use, None, None) as service:
        segment = SegmentFile(tmp_path / "segments", "20260131T180000Z-1-0-abcd")
        said = ("Content-Type: text/html", "TDM-Reservation: 1")
        told = replace(CONTEXT, reservations=(("tdm-reservation", "1"),))
        segment.write(answered("https://example.org/linked", page, headers=said), context=told)
        register(service, segment)
        members = exported(service, "wat", tmp_path)

    assert (SECRET in members) is handed_out
    assert b'"Title":"Clocks"' in members
    assert b"https://example.org/linked" in members
    assert b'"TDM-Reservation":"1"' in members


@pytest.mark.parametrize("said", [None, "tdm-reservation: 0", "x-robots-tag: noarchive"])
def test_exports_have_the_texts_that_are_not_reserved(tmp_path: Path, said: str | None) -> None:
    with archive(tmp_path, "preservation", None, said) as service:
        assert SECRET in exported(service, "jsonl", tmp_path)


@pytest.mark.parametrize(("use", "of_source", "handed_out"), USES)
def test_a_language_model_gets_no_text_that_is_reserved_if_the_use_obeys_that(
    tmp_path: Path, use: str | None, of_source: str | None, handed_out: bool
) -> None:
    async def ask(service: Service) -> list[Any]:
        async with Client(server(service)) as client:
            calls: list[tuple[str, dict[str, Any]]] = [
                ("search_texts", {"query": SECRET.decode()}),
                ("read_page", {"url": URL}),
                ("compare_versions", {"url": URL}),
                ("read_thread", {"url": THREAD}),
                ("whats_new", {}),
            ]
            return [await client.call_tool(tool, arguments) for tool, arguments in calls]

    with archive(tmp_path, use, of_source, "robots.txt content-signal: ai-train=no") as service:
        answers = asyncio.run(ask(service))

    assert [SECRET.decode() in repr(answer.content) for answer in answers] == [handed_out] * 5
    assert [answer.is_error for answer in answers] == [False, *[not handed_out] * 3, False]
    if not handed_out:
        assert "reserves text and data mining of this page (robots.txt content-signal: ai-train=no)" in repr(answers[1])
