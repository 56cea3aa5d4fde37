"""With an older copy of the database, doctor and the log name purges of the store, and what refers to deleted bytes."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from specimens.plain_warcs import DATE, record, response, revisit, written
from sqlalchemy import event

from archive.intake.unknown_purges import lacking_lists, note_unknown_purges
from archive.values.capture import MEDIA
from archive.values.media import MEDIA_TYPE, MediaFile, Medium, Piece
from archive.values.media import written as listing
from config.settings import Settings
from pressmark.service.access.purges import Purges
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.ledger.decisions_back import try_to_note_purges
from pressmark.upkeep.purging import examine_purges

SECRET, CLIP, OTHER, LATE = (f"http://news.example/{name}" for name in ("secret", "clip.mp4", "page", "late"))
IDS = {url: f"<urn:uuid:22222222-0000-4000-8000-00000000000{n}>" for n, url in enumerate((SECRET, CLIP))}
SAME = "the store and the database know the same purges"


def media_list(date: str, *pieces: Piece) -> str:
    media = [Medium("Generic", "1", "clip", "kept", files=(MediaFile("both", "mp4", pieces, CLIP),))]
    return record("resource", MEDIA + OTHER, listing(media).decode(), date=date, Content_Type=MEDIA_TYPE)


def purge(service: Service, url: str) -> None:
    id_, purges = service.take_downs.add(url, "a court order", by="ada").id, Purges(service)
    purges.run(id_, purges.plan(id_).token, by="ada", origin="test")


def said(service: Service) -> list[tuple[str, Exit]]:
    return list(examine_purges(service))[1:]


@pytest.fixture
def older(tmp_path: Path) -> Settings:
    """A home whose database is a copy of before two purges."""
    settings, copy = Settings(home=tmp_path / "home"), tmp_path / "copy.db"
    pages = (response(SECRET, "SECRET", id_=IDS[SECRET]), response(CLIP, "VIDEO", id_=IDS[CLIP]))
    with open_pressmark(settings) as service:
        service.archive.ingest(written(tmp_path / "first.warc", *pages))
        service.archive.ingest(written(tmp_path / "stays.warc", response(OTHER, "page")))
        assert said(service) == [(SAME, Exit.OK)]
    database = settings.home / "pressmark.db"
    shutil.copy(database, copy)
    with open_pressmark(settings) as service:
        purge(service, SECRET)
        purge(service, CLIP)
        assert said(service) == [(SAME, Exit.OK)]
    shutil.copy(copy, database)
    return settings


@pytest.mark.parametrize("by_record", [{}, pytest.param({"WARC_Refers_To": IDS[SECRET]}, marks=pytest.mark.costly)])
def test_purges_that_an_older_database_lacks_are_named_with_what_refers_to_them(
    tmp_path: Path, older: Settings, by_record: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    by_url = {"WARC_Refers_To_Target_URI": SECRET, "WARC_Refers_To_Date": DATE}
    late = revisit(LATE, date="2026-11-30T12:00:00Z", **by_url, **by_record)
    named = media_list("2026-11-30T12:00:00Z", Piece(IDS[CLIP], CLIP, 5))
    with open_pressmark(older) as service:
        [unknown] = said(service)
        service.archive.ingest(written(tmp_path / "late.warc", late, named))
        with caplog.at_level(logging.WARNING):
            try_to_note_purges(service, 60.0)
        [after] = service.index.captures(LATE)
        [lists, same] = said(service)
        newer = media_list("2026-11-30T13:00:00Z")
        service.archive.ingest(written(tmp_path / "newer.warc", newer))
        left = [one.url for one in lacking_lists(service.index)]

    logged = {each.getMessage(): getattr(each, "urls", None) for each in caplog.records}
    assert unknown[1] == Exit.INTEGRITY
    assert "the store has purges that this database does not know: 2, the first is purged/v1/" in unknown[0]
    assert logged["captures refer to records that were purged; they are unreadable, and their pages are due"] == [LATE]
    assert logged["lists of video and audio name files that were purged"] == [MEDIA + OTHER]
    assert after.damaged is not None
    assert after.damaged.reason == "the record with its payload was purged"
    assert lists[0].startswith(f"video and audio of {OTHER} were purged, and a later list of its files names them")
    assert (lists[1], same) == (Exit.INTEGRITY, (SAME, Exit.OK))
    assert left == []


def test_a_manifest_of_a_purge_that_the_store_has_lost_is_named(older: Settings) -> None:
    with open_pressmark(older) as service:
        try_to_note_purges(service, 60.0)
        lost = next((older.home / "store" / "purged").rglob("*.json"))
        lost.rename(lost.with_suffix(".away"))
        [found] = [one for one in said(service) if "the store lacks" in one[0]]

    assert found[1] == Exit.INTEGRITY
    assert "the store lacks manifests that purges have replaced: 1, the first is purged/v1/" in found[0]


def test_when_all_purges_are_known_no_capture_is_looked_at(older: Settings) -> None:
    asked = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with open_pressmark(older) as service:
        event.listen(service.database.engine, "before_cursor_execute", note)
        first = note_unknown_purges(service.index, service.store, service.keys.trust)
        looks, asked[:] = [one for one in asked if "captures" in one], []
        second = note_unknown_purges(service.index, service.store, service.keys.trust)

    assert (list(first), list(second)) == ([], [])
    assert looks, "the control: two purges were unknown"
    assert [one for one in asked if "captures" in one] == []
