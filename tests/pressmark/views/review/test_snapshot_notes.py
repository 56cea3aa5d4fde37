"""Tags and notes on snapshots: written, undone, listed, found by, hidden with their captures, and never lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from archive.database.closed_collections import closing_collections
from archive.index.change_rows import Among, ChangeFeed
from archive.values.errors import CaptureNotFound
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.review.snapshot_notes import (
    LONGEST_NOTE,
    NoteChanged,
    SnapshotNoteShape,
    annotate,
    change_tags,
    list_notes,
    notes_csv,
    tag_counts,
    undo_note,
)
from pressmark.views.search import find, narrowed

CLOCK, HARBOUR = "http://clock.example/a", "http://harbour.example/b"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A home with a page of each of two sites."""
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home", store=str(tmp_path / "store"))) as opened:
        pages = [Version("The clock struck thirteen.", CLOCK, 0), Version("The clock of the harbour.", HARBOUR, 1)]
        keep(opened, tmp_path / "warcs", *pages)
        yield opened


def noted(
    service: Service, url: str, *tags: str, note: str = "", by: str = "person ada", seen: str | None = None
) -> SnapshotNoteShape:
    with snapshot_at(service, url, "latest") as found:
        return annotate(service, found, tags, note, by=by, seen=seen)


def urls(service: Service, tag: str) -> list[str]:
    return [one.url for one in find(service, "clock", narrowed(service, tag=tag)).items]


def test_tags_and_a_note_replace_those_before_and_can_be_undone(service: Service) -> None:
    first = noted(service, CLOCK, "time", " time ", note=" a clock ")
    later = noted(service, CLOCK, "bells", by="person ben")
    with snapshot_at(service, CLOCK, "latest") as found:
        undone = undo_note(service, found, by="person ada")

    assert (first.tags, first.note, first.by) == (["time"], "a clock", "person ada")
    assert (later.tags, later.note, later.former_tags, later.former_note) == (["bells"], "", ["time"], "a clock")
    assert undone is not None and (undone.tags, undone.note) == (["time"], "a clock")
    assert [(one.tag, one.snapshots) for one in tag_counts(service)] == [("time", 1)]
    noted(service, CLOCK)
    assert (list_notes(service).items, tag_counts(service)) == ([], [])


def test_a_note_that_another_person_changed_meanwhile_is_not_overwritten(service: Service) -> None:
    first = noted(service, CLOCK, "time", seen="")
    noted(service, CLOCK, "bells", seen=first.seen)

    with pytest.raises(NoteChanged):
        noted(service, CLOCK, "mine", seen=first.seen)
    assert list_notes(service).items[0].tags == ["bells"]


def test_tags_and_notes_have_limits(service: Service) -> None:
    with pytest.raises(ValueError, match="at most 2000 characters"):
        noted(service, CLOCK, note="x" * (LONGEST_NOTE + 1))
    with pytest.raises(ValueError, match="invalid tag"):
        noted(service, CLOCK, "a,b")
    with pytest.raises(ValueError, match="at most 20 tags"):
        noted(service, CLOCK, *(f"t{number}" for number in range(21)))
    assert list_notes(service).items == []


def test_search_and_changes_find_by_the_tag_of_a_snapshot(service: Service) -> None:
    noted(service, CLOCK, "时间")
    feed = ChangeFeed(service.database)

    assert (urls(service, "时间"), urls(service, "other")) == ([CLOCK], [])
    assert len(find(service, "clock", narrowed(service)).items) == 2  # the control
    assert [one.url for one in feed.among(Among(tag="时间")).items] == [CLOCK]
    assert feed.among(Among(tag="other")).items == ()


def test_tags_of_several_snapshots_change_together_or_not_at_all(service: Service) -> None:
    records = [noted(service, url, "old", note="n").record_id for url in (CLOCK, HARBOUR)]
    changed = change_tags(service, records, ["new"], ["old"], by="person ben")
    with pytest.raises(CaptureNotFound):
        change_tags(service, [*records, "<urn:uuid:0>"], ["more"], [], by="person ben")

    assert [(one.tags, one.note) for one in changed] == [(["new"], "n")] * 2
    assert [one.tags for one in list_notes(service).items] == [["new"]] * 2
    assert change_tags(service, records, ["new"], [], by="person ben") == []


def test_the_next_part_of_the_list_follows_and_the_table_has_no_formulas(service: Service) -> None:
    for url in (CLOCK, HARBOUR):
        noted(service, url, "one", "two", note="=1+1")
    first = list_notes(service, limit=1)
    second = list_notes(service, limit=1, cursor=first.next)
    rows = list(csv.DictReader(io.StringIO(notes_csv([*first.items, *second.items]))))

    assert [one.url for one in (*first.items, *second.items)] == [HARBOUR, CLOCK]
    assert second.next is None
    assert (rows[0]["tags"], rows[0]["note"]) == ("one, two", "'=1+1")
    with pytest.raises(ValueError, match="invalid cursor"):
        list_notes(service, cursor="x")


def test_a_note_is_hidden_with_its_capture(service: Service) -> None:
    noted(service, CLOCK, "time", note="n")
    with closing_collections(frozenset({"default"})):
        closed = list_notes(service).items, tag_counts(service)
    service.take_downs.add(CLOCK, "asked for", by="person ada")
    with service.take_downs.hidden():
        down = list_notes(service).items, tag_counts(service)

    assert closed == down == ([], [])
    assert len(list_notes(service).items) == 1  # the control


def test_the_store_gives_a_lost_database_its_tags_and_notes_back(service: Service, tmp_path: Path) -> None:
    noted(service, CLOCK, "time", note="first")
    saving = LedgerSaving(service)
    saving.save()
    noted(service, CLOCK, "bells", note="later")
    noted(service, HARBOUR, "gone")
    noted(service, HARBOUR)
    saving.save()

    with open_pressmark(Settings(home=tmp_path / "new", store=str(tmp_path / "store"))) as new:
        assert restore(new).rows.notes == 2
        [one] = list_notes(new).items
        assert (one.tags, one.note, one.by, one.former_tags) == (["bells"], "later", "person ada", ["time"])
        assert restore(new).rows.notes == 0


def test_pages_and_api_write_find_and_undo(service: Service) -> None:
    with served(service) as url:
        door = Retrieving(url, service, [])
        sent = json.dumps({"tags": ["time"], "note": "a <b> note"}).encode()
        written = door.send_body("PUT", f"/api/v1/notes/latest/{CLOCK}", sent, "application/json")
        shape = json.loads(written[1])
        page = door.text(shape["page"])
        fields = urlencode({"seen": shape["seen"], "tags": "bells，钟", "note": "", "action": "save"}).encode()
        path = f"/notes/write/{shape['page'].removeprefix('/snapshot/')}"
        saved, stale = (door.send_body("POST", path, fields, FORM)[0] for _ in range(2))
        listed = json.loads(door.text("/api/v1/notes?tag=%E9%92%9F"))["items"]
        bulk = urlencode({"record": shape["record_id"], "tags": "-bells, tower"}).encode()
        tagged = door.send_body("POST", "/notes/tags", bulk, FORM)[0]
        found, others = door.text("/search?q=clock&tag=tower"), door.text("/new?tag=none")
        table, tags = door.text("/api/v1/notes?format=csv"), door.text("/api/v1/notes/tags")
        missing = door.get(f"/api/v1/notes/latest/{HARBOUR}")[0]
        wrong = door.send_body("PUT", f"/api/v1/notes/latest/{CLOCK}", b'{"tags": ["a,b"]}', "application/json")
        trail = [row.entry.action for row in service.access.trail.newest(limit=9)]

    assert written[0] == 200 and shape["by"] == "anyone"
    assert "a &lt;b&gt; note" in page and 'href="/notes?tag=time"' in page
    assert (saved, stale, tagged, missing, wrong[0]) == (303, 409, 303, 404, 422)
    assert listed[0]["tags"] == ["bells", "钟"] and listed[0]["former_tags"] == ["time"]
    assert CLOCK in found and HARBOUR not in found and CLOCK not in others
    assert "钟, tower" in table and '"tower"' in tags
    assert trail.count("PUT /api/v1/notes/{timestamp}/{url:path}") == 2
