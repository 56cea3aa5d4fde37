"""A list of media that stays keeps the files that it names, in whatever segment, collection or spool it is."""

from __future__ import annotations

import gzip
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from services.databases import SQLITE_ONLY, database_at
from specimens.plain_warcs import record, response, written
from specimens.purges import WHY, purge_these, spooled
from specimens.segments import SegmentFile
from specimens.worlds import LATER

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.intake import purge_planning
from archive.intake.purge import Purge
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.capture import MEDIA, Capture
from archive.values.errors import PurgeUnderWay
from archive.values.media import MEDIA_TYPE, MediaFile, Medium, Piece
from archive.values.media import written as listing
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read

PAGE, CLIP, OTHER = "http://news.example/page", "http://cdn.example/clip.mp4", "http://cdn.example/other.mp4"
OLD, NEW = "2026-01-31T12:00:00Z", "2026-11-29T12:00:00Z"
CLIP_ID, OTHER_ID = (f"<urn:uuid:11111111-0000-4000-8000-00000000000{n}>" for n in "ab")
PIECE, SECOND = Piece(CLIP_ID, CLIP, 5), Piece(OTHER_ID, OTHER, 5)


def media_list(date: str, *pieces: Piece) -> str:
    files = tuple(MediaFile("both", "mp4", (piece,), piece.url) for piece in pieces)
    block = listing([Medium("Generic", "1", "clip", "kept", files=files)]).decode()
    return record("resource", MEDIA + PAGE, block, date=date, Content_Type=MEDIA_TYPE)


def world(
    tmp_path: Path, database: Database, *files: tuple[str, ...], collection: str = "default"
) -> tuple[Archive, Index, MemoryStore]:
    """Return an archive of a page of January with its video, and of these further files."""
    store, index = MemoryStore(), Index(database, now=lambda: LATER)
    archive = Archive(index, Texts(database), store)
    first = (response(PAGE, "old", date=OLD), media_list(OLD, PIECE), response(CLIP, "VIDEO", date=OLD, id_=CLIP_ID))
    archive.ingest(written(tmp_path / "first.warc", *first))
    for number, records in enumerate(files):
        archive.ingest(written(tmp_path / f"{number}.warc", *records), collection=collection)
    return archive, index, store


def of_january(index: Index) -> list[Capture]:
    there = [one for url in (PAGE, MEDIA + PAGE, CLIP) for one in index.captures(url)]
    return [one for one in there if one.at < datetime.fromisoformat("2026-02-01T00:00:00Z")]


NEWER = (response(PAGE, "new", date=NEW), media_list(NEW, PIECE))


@pytest.mark.parametrize("collection", ["default", "press"])
def test_a_list_that_stays_keeps_its_file(tmp_path: Path, either: Database, collection: str) -> None:
    archive, index, store = world(tmp_path, either, NEWER, collection=collection)
    done = purge_these(store, index, of_january(index))
    [clip] = index.captures(CLIP)
    with archive.open(clip) as found:
        body = found.raw().read()

    assert body == b"VIDEO"
    assert {one.url for one in done.plan.captures} == {PAGE, MEDIA + PAGE}
    assert [(one.capture.url, one.why) for one in done.plan.kept_back] == [(CLIP, "needed")]
    assert [(one.url, one.at.year, one.at.month) for one in done.plan.kept_back[0].needed_by] == [
        (MEDIA + PAGE, 2026, 11)
    ]


@SQLITE_ONLY
@pytest.mark.parametrize("cut", [0, 40])
def test_a_list_that_is_damaged_or_missing_keeps_every_file_that_it_may_name(
    tmp_path: Path, database: Database, cut: int
) -> None:
    archive, index, store = world(tmp_path, database, NEWER)
    [newer] = [one for one in index.captures(MEDIA + PAGE) if one.at.month == 11]
    row = index.segment(newer.location.segment)
    assert row is not None
    assert row.object_key is not None
    whole = store._objects.pop(row.object_key)
    if cut:
        store._objects[row.object_key] = whole[:-cut]
    done = purge_these(store, index, of_january(index))
    store._objects[row.object_key] = whole  # it comes back from a copy
    [clip] = index.captures(CLIP)
    with archive.open(clip) as found:
        body = found.raw().read()

    assert body == b"VIDEO"
    assert newer.record_id in {by.record_id for one in done.plan.kept_back for by in one.needed_by}


@SQLITE_ONLY
@pytest.mark.parametrize(
    "said",
    [
        '{"media": [{"extractor": "Generic", "clips": ["%s"]}]}',  # of a later version
        '{"media": [], "films": ["%s"]}',
        pytest.param('{"media": ["%s"], "media": []}', marks=pytest.mark.costly),
        pytest.param(
            '{"media": [{"extractor": "a", "id": "1", "title": "", "state": "kept", '
            '"reason": "", "files": [], "clips": ["%s"]}]}',
            marks=pytest.mark.costly,
        ),
        pytest.param("%s", marks=pytest.mark.costly),
        pytest.param('{"films": ["%s"]}', marks=pytest.mark.costly),
        pytest.param('{"media": {"file": "%s"}}', marks=pytest.mark.costly),
    ],
)
def test_a_record_that_is_whole_and_no_list_keeps_every_file_that_it_may_name(
    tmp_path: Path, database: Database, said: str
) -> None:
    """With its control: a list that names nothing keeps nothing."""

    def other(said: str) -> str:
        return record("resource", MEDIA + PAGE, said, date=NEW, Content_Type=MEDIA_TYPE)

    _, index, store = world(tmp_path, database, (response(PAGE, "new", date=NEW), other(said % CLIP_ID)))
    done = purge_these(store, index, of_january(index))

    [kept] = [one for one in done.plan.kept_back if one.capture.url == CLIP]
    assert kept.why == "needed"
    assert (MEDIA + PAGE, 11) in {(one.url, one.at.month) for one in kept.needed_by}

    (tmp_path / "b").mkdir()
    with closing(database_at(tmp_path / "b" / "pressmark.db")) as new:
        _, index, store = world(tmp_path / "b", new, (other('{"media": []}'),))
        assert purge_these(store, index, of_january(index)).plan.kept_back == ()


@SQLITE_ONLY
def test_a_list_that_people_hold_keeps_its_file(tmp_path: Path, database: Database) -> None:
    _, index, store = world(tmp_path, database)
    done = purge_these(store, index, of_january(index), held=lambda: lambda one: one.url.endswith(PAGE))

    assert done.plan.captures == ()
    assert {one.capture.url: one.why for one in done.plan.kept_back} == {
        PAGE: "hold",
        MEDIA + PAGE: "hold",
        CLIP: "needed",
    }


@SQLITE_ONLY
def test_a_list_that_stays_with_its_page_keeps_its_file(tmp_path: Path, database: Database) -> None:
    """The list is kept back only since another answer of its page and moment stays."""
    _, index, store = world(tmp_path, database, (response(PAGE, "twin", date=OLD),))
    twin = next(one for one in index.captures(PAGE) if one.payload_length == 4)
    done = purge_these(store, index, [one for one in of_january(index) if one != twin])

    assert [one.url for one in done.plan.captures] == [PAGE]
    kept = {one.capture.url: [each.url for each in one.needed_by] for one in done.plan.kept_back}
    assert kept == {MEDIA + PAGE: [PAGE], CLIP: [MEDIA + PAGE]}


@SQLITE_ONLY
def test_with_revisits_the_list_goes_with_its_file(tmp_path: Path, database: Database) -> None:
    _, index, store = world(tmp_path, database, NEWER)
    done = purge_these(store, index, index.captures(CLIP), with_revisits=True)

    assert sorted(one.url for one in done.plan.captures) == [CLIP, MEDIA + PAGE, MEDIA + PAGE]
    assert len(list(index.captures(PAGE))) == 2


@SQLITE_ONLY
def test_a_plan_names_the_files_that_stay_although_their_list_goes(tmp_path: Path, database: Database) -> None:
    more = (media_list(NEW, PIECE, SECOND), response(OTHER, "OTHER", date=NEW, id_=OTHER_ID))
    _, index, store = world(tmp_path, database, more)
    lists = list(index.captures(MEDIA + PAGE))
    all_ = Purge(store, index).plan([*lists, *index.captures(CLIP)])
    some = Purge(store, index).plan(lists)

    assert [one.url for one in all_.files_left] == [OTHER]
    assert sorted(one.url for one in some.files_left) == [CLIP, OTHER]


@SQLITE_ONLY
@pytest.mark.parametrize("lost", [False, pytest.param(True, marks=pytest.mark.costly)])
def test_a_list_that_a_killed_worker_has_written_keeps_its_file(tmp_path: Path, database: Database, lost: bool) -> None:
    _, index, store = world(tmp_path, database)
    (tmp_path / "spooled").mkdir()
    segment = SegmentFile(tmp_path / "spooled", "20260131T120900Z-1-9-abcd")
    plain = media_list(NEW, PIECE).encode()
    with segment.path.open("ab") as file:
        start = file.tell()
        file.write(gzip.compress(plain))
    with segment.path.open("rb") as file:
        file.seek(start)
        segment.captures += captures_of(read(file, start), segment.name, "default", urlkey)
    spool = tmp_path / "spool" / "main"
    spooled(spool, "open", segment)
    if not lost:
        segment.path.rename(spool / "open" / f"{segment.name}.warc.gz.open")
    wanted = [one.record_id for one in of_january(index)]
    purging = Purge(store, index, spools=lambda: [spool])
    if lost:
        with pytest.raises(PurgeUnderWay, match=r"the list of the video and audio of http://news\.example/page "):
            purging.run(wanted, WHY)
        return
    done = purging.run(wanted, WHY)
    blind = Purge(store, index).plan(index.captures(CLIP))

    assert [(one.capture.url, one.why) for one in done.plan.kept_back] == [(CLIP, "needed")]
    assert [one.url for one in blind.captures] == [CLIP]  # the control: without the spool, nothing is known of it


def imported_meanwhile(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    archive, index, store = world(tmp_path, database)
    late, checked = written(tmp_path / "late.warc", *NEWER), Purge._check

    def check(self: Purge, name: str) -> None:
        checked(self, name)
        if len(list(index.captures(PAGE))) == 1:
            archive.ingest(late)

    monkeypatch.setattr(Purge, "_check", check)
    done = Purge(store, index).run([one.record_id for one in of_january(index)], WHY)
    return sorted(one.url for one in done.plan.captures)


@SQLITE_ONLY
def test_a_list_that_is_imported_after_the_plan_keeps_its_file(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert imported_meanwhile(tmp_path, database, monkeypatch) == [PAGE, MEDIA + PAGE]


@pytest.mark.costly
@SQLITE_ONLY
def test_without_lists_the_file_of_a_page_that_stays_is_lost(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the tests above."""
    monkeypatch.setattr(purge_planning.ListedFiles, "naming", lambda *_: [])
    _, index, store = world(tmp_path, database, NEWER)
    purge_these(store, index, of_january(index))

    assert list(index.captures(CLIP)) == []
