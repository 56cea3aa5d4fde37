"""What a capture that stays needs is kept, too, whatever it names its original by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from services.databases import POSTGRESQL_COSTLY, SQLITE_ONLY
from specimens.plain_warcs import record, response, revisit, written
from specimens.purges import WHY, purge_these, readable, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish
from sqlalchemy import insert

from archive.archive import Archive
from archive.database.engine import Database
from archive.database.schema import items
from archive.index.index import Index
from archive.intake.purge import Purge
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.capture import SCREENSHOT, Capture
from archive.values.digest import sha1_base32

Another = Callable[[], Database]
A, B, OTHER = "http://example.org/a", "http://example.org/b", "http://example.org/other"


def ingested(tmp_path: Path, database: Database, *records: str) -> tuple[Archive, Index, MemoryStore]:
    store, index = MemoryStore(), Index(database, now=lambda: LATER)
    archive = Archive(index, Texts(database), store)
    archive.ingest(written(tmp_path / "foreign.warc", *records))
    return archive, index, store


def body_of(archive: Archive, index: Index, url: str) -> bytes:
    [capture] = index.captures(url)
    with archive.open(capture) as snapshot:
        return bytes(snapshot.raw().read())


@POSTGRESQL_COSTLY
@pytest.mark.parametrize(
    "named",
    [
        {"WARC_Refers_To_Target_URI": A, "WARC_Refers_To_Date": "2026-01-31T12:00:00Z"},
        {
            "WARC_Refers_To_Target_URI": A,
            "WARC_Refers_To_Date": "2026-01-31T12:00:00Z",
            "WARC_Payload_Digest": f"sha1:{sha1_base32(b'body')}",
        },
    ],
    ids=["url-and-date", "digest"],
)
def test_a_foreign_revisit_that_names_no_record_keeps_its_body(
    tmp_path: Path, either: Database, named: dict[str, str]
) -> None:
    later = revisit(OTHER, date="2026-01-31T13:00:00Z", **named)
    archive, index, store = ingested(tmp_path, either, response(A, "body"), later)
    before = body_of(archive, index, OTHER)
    done = purge_these(store, index, index.captures(A))
    after = body_of(archive, index, OTHER)
    both = purge_these(store, index, index.captures(A), with_revisits=True)

    assert before == after == b"body"
    assert [(one.why, [each.url for each in one.needed_by]) for one in done.plan.kept_back] == [("needed", [OTHER])]
    assert {one.url for one in both.plan.captures} == {A, OTHER}  # the control: without the guard, both would go
    assert list(index.captures(OTHER)) == []


@pytest.mark.costly
@SQLITE_ONLY
def test_a_revisit_of_the_same_page_without_any_name_keeps_its_body(tmp_path: Path, database: Database) -> None:
    later = revisit(A, date="2026-01-31T13:00:00Z", WARC_Payload_Digest=f"sha1:{sha1_base32(b'body')}")
    archive, index, store = ingested(tmp_path, database, response(A, "body"), later)
    first, second = index.captures(A)
    done = purge_these(store, index, [first])

    assert [one.why for one in done.plan.kept_back] == ["needed"]
    with archive.open(second) as snapshot:
        assert snapshot.raw().read() == b"body"


def chained(tmp_path: Path, database: Database, another: Another) -> tuple[World, list[Capture]]:
    """Return an archive with a response, a revisit of it, and a revisit of that one."""
    world = World(tmp_path, database, Index(database, now=lambda: LATER), another, MemoryStore())
    segment = SegmentFile(tmp_path)
    first = segment.write(answered("https://example.org/first", b"same", minute=1))
    second = segment.revisit(first, answered("https://example.org/second", b"same", minute=2))
    third = segment.revisit(second, answered("https://example.org/third", b"same", minute=3))
    world.index.commit(publish(world.store, segment, [], None), segment.captures, [])
    return world, [first, second, third]


@pytest.mark.costly
@SQLITE_ONLY
@pytest.mark.parametrize("wanted", [[0], [1], [0, 1]])
def test_a_revisit_keeps_all_that_are_between_it_and_its_body(
    tmp_path: Path, database: Database, another: Another, wanted: list[int]
) -> None:
    world, all_ = chained(tmp_path, database, another)
    before = readable(world)
    done = purge_these(world.store, world.index, [all_[number] for number in wanted])

    assert [one.why for one in done.plan.kept_back] == ["needed"] * len(wanted)
    assert readable(world) == before
    assert len(before) == 3


@pytest.mark.costly
@SQLITE_ONLY
def test_what_is_kept_for_another_reason_keeps_what_it_needs(
    tmp_path: Path, database: Database, another: Another
) -> None:
    world, [first, second, third] = chained(tmp_path, database, another)
    with_items(database, second)
    plan = Purge(world.store, world.index).plan([first, second, third], with_revisits=True)

    assert {one.capture.url: one.why for one in plan.kept_back} == {first.url: "needed", second.url: "items"}
    assert [one.url for one in plan.captures] == [third.url]
    done = purge_these(world.store, world.index, [first, second, third], with_revisits=True)
    assert len(done.plan.captures) == 1
    assert set(readable(world).values()) == {b"same"}
    assert len(readable(world)) == 2


def with_items(database: Database, one: Capture) -> None:
    where = {"run": "run-1", "number": 0, "collection": "default", "source": "example", "urlkey": one.urlkey}
    row: dict[str, Any] = {**where, "url": one.url, "record_id": one.record_id, "at": one.at, "item": "{}"}
    with database.writing() as connection:
        connection.execute(insert(items), row)


@SQLITE_ONLY
@pytest.mark.parametrize("which", ["the damaged one", "its twin"])
def test_a_revisit_of_a_damaged_record_keeps_it_and_its_twin(
    tmp_path: Path, database: Database, another: Another, which: str
) -> None:
    world = World(tmp_path, database, Index(database, now=lambda: LATER), another, MemoryStore())
    segment = SegmentFile(tmp_path)
    damaged = segment.write(answered("https://example.org/damaged", b"same", minute=1))
    twin = segment.write(answered("https://example.org/twin", b"same", minute=2))
    later = segment.revisit(damaged, answered("https://example.org/later", b"same", minute=3))
    world.index.commit(publish(world.store, segment, [], None), segment.captures, [])
    world.index.damages.mark(segment.name, [damaged.location.offset], "damaged", "a bit flipped")
    archive = Archive(world.index, Texts(database), world.store)
    done = purge_these(world.store, world.index, [damaged if which == "the damaged one" else twin])

    assert [one.why for one in done.plan.kept_back] == ["needed"]
    [now] = world.index.captures(later.url)
    with archive.open(now) as snapshot:
        assert snapshot.raw().read() == b"same"


@pytest.mark.costly
@SQLITE_ONLY
def test_a_record_whose_id_another_one_has_is_kept_back_and_so_is_the_other(tmp_path: Path, either: Database) -> None:
    id_ = "<urn:uuid:9b9b1a37-8a3b-4b61-a2e6-2d1c2d7d5a10>"
    archive, index, store = ingested(tmp_path, either, response(A, "body", id_=id_), response(B, "other"))
    archive.ingest(written(tmp_path / "second.warc", response(OTHER, "kept", id_=id_)))
    done = purge_these(store, index, [*index.captures(A), *index.captures(B)])

    assert {(one.capture.url, one.why) for one in done.plan.kept_back} == {(A, "twice"), (OTHER, "twice")}
    assert [one.url for one in done.plan.captures] == [B]
    assert (body_of(archive, index, A), body_of(archive, index, OTHER)) == (b"body", b"kept")


@pytest.mark.costly
@SQLITE_ONLY
def test_revisits_go_only_with_what_they_need(tmp_path: Path, either: Database, another: Another) -> None:
    """One of two revisits of a page can't be purged, so the page stays, and so does the other revisit."""
    world = world_of(tmp_path, either, another, MemoryStore())
    [page] = world.index.captures("https://example.org/0/0")
    segment = SegmentFile(tmp_path, "20260131T120700Z-1-7-abcd")
    other = segment.revisit(page, answered("https://example.org/other", b"0", minute=7))
    world.manifests.append(publish(world.store, segment, [], world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, [])
    free = Purge(world.store, world.index).plan([page], with_revisits=True)
    with_items(either, other)
    held = Purge(world.store, world.index).plan([page], with_revisits=True)

    assert {one.url.rpartition("/")[2] for one in free.captures} == {"0", "same", "other"}  # the control
    assert held.captures == ()
    assert [(one.why, one.needed_by[0].url) for one in held.kept_back] == [("needed", "https://example.org/0/same")]


@pytest.mark.costly
def test_a_purge_deletes_the_confirmed_records_alone(tmp_path: Path, either: Database, another: Another) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    confirmed = [one.record_id for one in world.index.captures("https://example.org/0/0")]
    alone = Purge(world.store, world.index).run(confirmed, WHY, with_revisits=True)  # its revisit was not confirmed
    both = Purge(world.store, world.index).plan(world.index.captures("https://example.org/0/0"), with_revisits=True)
    Purge(world.store, world.index).run(both.records, WHY, with_revisits=True)

    assert (alone.plan.captures, [one.why for one in alone.plan.kept_back]) == ((), ["needed"])
    assert len(both.records) == 2
    assert not any(name.endswith(("/0/0", "/0/same")) for name in readable(world))


@pytest.mark.costly
@SQLITE_ONLY
def test_what_a_browser_drew_of_a_page_goes_and_stays_with_it(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """The document and the picture have the date of the page, and no take-down names them here."""
    world = World(tmp_path, either, Index(either, now=lambda: LATER), another, MemoryStore())
    date, urns = "2026-01-31T12:00:00Z", ("urn:view:", "urn:thumbnail:", "urn:pageinfo:")
    records = [
        one
        for url, body in ((A, "drawn"), (B, "needed"))
        for one in (
            response(url, body),
            record("conversion", url, f"<p>{body}</p>", date=date, Content_Type="text/html"),
            *(record("resource", urn + url, f"{urn} of {body}", date=date, Content_Type="image/webp") for urn in urns),
        )
    ]
    later = revisit(OTHER, date="2026-01-31T13:00:00Z", WARC_Refers_To_Target_URI=B, WARC_Refers_To_Date=date)
    archive = Archive(world.index, Texts(either), world.store)
    archive.ingest(written(tmp_path / "foreign.warc", *records, later))
    pages = [one for url in (A, B) for one in world.index.captures(url) if one.kind == "response"]
    plan = Purge(world.store, world.index).plan(pages)
    done = Purge(world.store, world.index).run(plan.records, WHY)
    left = [
        one.url for url in (A, B, *(urn + page for urn in urns for page in (A, B))) for one in world.index.captures(url)
    ]

    assert [one.kind for one in done.plan.captures] == ["response", "conversion", *["resource"] * 3]
    assert sorted(one.capture.kind for one in plan.kept_back) == ["conversion", *["resource"] * 3, "response"]
    assert left == [B, B, *(urn + B for urn in urns)]


@SQLITE_ONLY
def test_what_a_browser_drew_goes_only_with_all_answers_of_its_page(tmp_path: Path, database: Database) -> None:
    """A page that redirects to itself: two answers of one second, with one picture. One of them is needed."""
    moved = record("response", A, "HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n")
    named = {"WARC_Refers_To_Target_URI": A, "WARC_Refers_To_Date": "2026-01-31T12:00:00Z"}
    other = revisit(OTHER, date="2026-01-31T13:00:00Z", **named)
    records = (response(A, "body"), moved, record("resource", SCREENSHOT + A, "PNG"), other)
    _, index, store = ingested(tmp_path, database, *records)
    both = list(index.captures(A))
    plan = Purge(store, index).plan(both)
    of_one = Purge(store, index).plan([one for one in both if one.status == 302])

    assert [one.status for one in plan.captures] == [302]
    assert {(one.capture.status, one.why) for one in plan.kept_back} == {(200, "needed"), (None, "needed")}
    assert [one.status for one in of_one.captures] == [302]
    assert [one.needed_by[0].status for one in of_one.kept_back] == [200]


@pytest.mark.costly
@SQLITE_ONLY
def test_what_a_browser_drew_goes_with_all_answers_of_its_page(tmp_path: Path, database: Database) -> None:
    """The control."""
    moved = record("response", A, "HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n")
    _, index, store = ingested(
        tmp_path, database, response(A, "body"), moved, record("resource", SCREENSHOT + A, "PNG")
    )
    plan = Purge(store, index).plan(list(index.captures(A)))

    assert (len(plan.captures), plan.kept_back) == (3, ())
