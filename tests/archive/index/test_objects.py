"""The objects that the stores must have: they are noted once, chosen by their last check, and counted by place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from specimens.captures import NOON
from specimens.manifests import manifest_of

from archive.database.engine import Database
from archive.index.objects import FIRST, Copy, Objects
from archive.index.preservation_events import Event, Events
from archive.warc.keys import CDXJS, MANIFESTS, WARCS

KEYS = [f"item/v1/news/run-{number}-{number:064x}.jsonl.zst" for number in range(5)]
DAY = timedelta(days=1)


@pytest.fixture
def objects(either: Database) -> Objects:
    found = Objects(either)
    assert found.note_keys([*KEYS, "run/v1/news/run-1.jsonl.zst"], NOON) == 5
    return found


def ids(objects: Objects) -> list[int]:
    return [row.id for key in KEYS if (row := objects.of(key))]


def test_keys_are_noted_once_with_the_digest_in_them(objects: Objects) -> None:
    assert objects.note_keys(KEYS, NOON + DAY) == 0
    row = objects.of(KEYS[3])
    assert row and (row.sha256, row.seen_at, row.checked_at) == (f"{3:064x}", NOON, None)
    assert objects.count() == 5


@pytest.mark.parametrize("listed", [(CDXJS, WARCS), (CDXJS, WARCS, MANIFESTS)])
def test_an_object_that_is_listed_before_its_manifest_is_claimed_by_it(
    objects: Objects, listed: tuple[str, ...]
) -> None:
    manifest = manifest_of("segment-1", content=b"a WARC")
    keys = [key for key in (manifest.key, *(entry.key for entry in manifest.objects)) if key.startswith(listed)]
    objects.note_keys(keys, NOON)
    assert objects.has_unclaimed((CDXJS, WARCS))
    objects.note(manifest, NOON + DAY)

    assert not objects.has_unclaimed((CDXJS, WARCS, MANIFESTS))
    found = [objects.of(key) for key in (manifest.key, manifest.warc.key)]
    sizes = (len(manifest.to_bytes()), len(b"a WARC"))
    assert [(row.sha256, row.size, row.segment) for row in found if row] == [
        (manifest.sha256, sizes[0], "segment-1"),
        (manifest.warc.sha256, sizes[1], "segment-1"),
    ]


def test_a_later_manifest_changes_nothing_that_is_known_of_an_object(objects: Objects) -> None:
    manifest = manifest_of("segment-1", content=b"a WARC")
    objects.note(manifest, NOON)
    objects.note(replace(manifest, segment="segment-2"), NOON + DAY)
    row = objects.of(manifest.warc.key)
    assert row and (row.segment, row.seen_at, row.size) == ("segment-1", NOON, len(b"a WARC"))


def test_wrong_ones_come_first_and_then_the_least_recently_checked(objects: Objects) -> None:
    first, second, third, fourth, fifth = ids(objects)
    objects.record([Copy(first, FIRST, NOON + 3 * DAY, "ok"), Copy(second, FIRST, NOON + 2 * DAY, "ok")])
    objects.record([Copy(third, FIRST, NOON + 4 * DAY, "missing", "gone"), Copy(first, FIRST, NOON + 5 * DAY, "ok")])

    assert [row.id for row in objects.due(FIRST, NOON + 5 * DAY)] == [third, fourth, fifth, second, first]
    assert [row.id for row in objects.due(FIRST, NOON + 3 * DAY)] == [third, first, fourth, fifth, second]
    assert objects.wrong() == [(KEYS[2], FIRST, "missing", NOON + 4 * DAY, "gone")]
    assert objects.wrong_counts() == {FIRST: 1}
    assert objects.oldest_check(FIRST) == NOON


def test_a_replica_lacks_what_has_no_copy_there(objects: Objects) -> None:
    first, second, *_ = ids(objects)
    objects.complete(second, "unused", 70)
    objects.record([Copy(first, "b", NOON + DAY, "ok")])

    assert [row.key for row in objects.absent("b", 0, 2)] == KEYS[1:3]
    assert (objects.lag("b").objects, objects.lag("b").size, objects.lag("b").since) == (4, 70, NOON)
    assert [row.id for row in objects.due("b", NOON + DAY)] == [first]
    assert objects.oldest_check("b") == NOON + DAY
    assert objects.size(FIRST) == 70
    assert objects.size("b") == 0


def test_what_is_forgotten_is_not_missed(objects: Objects) -> None:
    objects.suspect(KEYS[:1], FIRST, NOON, "odd")
    objects.forget(KEYS[:1])
    assert (objects.count(), objects.wrong()) == (4, [])


def test_events_come_newest_first_in_pages(either: Database) -> None:
    events = Events(either)
    events.add(*(Event(NOON + n * DAY, "fixity check", "success", f"check {n}", FIRST, KEYS[n % 2]) for n in range(5)))

    assert [event.note for event in events.all(page=2)] == [f"check {n}" for n in (4, 3, 2, 1, 0)]
    assert [event.note for event in events.newest(9, key=KEYS[1])] == ["check 3", "check 1"]
