"""Events of closed collections, and of what is taken down: who gets them, and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site
from services.webhook_service import NOON, Clock, Open, tell
from sqlalchemy import Connection, event

from archive.database.schema import captures, runs, segments, texts
from archive.database.writers import BESIDE, WRITES
from archive.values.urlkey import urlkey
from config.groups.rooms import Room
from pressmark.notify.webhooks.webhook_state import enable_webhook, message_shapes, webhook_shape
from pressmark.service.service import Service
from scheduler.ledger.take_downs import TakeDown


def with_room(made: Service, home: Path) -> Service:
    """Return the service with an open and a closed collection, each with a source."""
    (home / "sources").mkdir()
    for name, collection in (("gazette", "open"), ("debates", "parliament")):
        text = f"source: {name}\nkeep: {{collection: {collection}}}\nseeds: [http://{name}.example/]\n"
        (home / "sources" / f"{name}.yaml").write_text(text, "utf-8")
    return replace(made, settings=made.settings.model_copy(update={"rooms": {"parliament": Room()}}))


def archived(service: Service, source: str, run: str, collection: str) -> None:
    """Add a run with one capture, and its text."""
    number = int.from_bytes(run.encode())
    fact = {"collection": collection, "source": source, "run": run, "at": NOON, "record_id": f"<{run}>"}
    place = {"segment_id": number, "offset": 0, "length": 1, "span": 1, "payload_length": 1, "kind": "response"}
    segment = {"id": number, "name": run, "collection": collection, "worker": "w", "epoch": 1, "state": "open"}
    with service.database.writing() as connection:
        values = {"id": run, "source": source, "status": "over", "attempt": 1, "requested_at": NOON}
        connection.execute(runs.insert().values(**values))
        connection.execute(segments.insert().values(**segment, opened_at=NOON))
        connection.execute(captures.insert().values(urlkey="k", url="u", **fact, **place))
        text = {"record_id": f"<{run}>", "segment": run, "url": "u", "at": NOON, "state": "none"}
        connection.execute(texts.insert().values(**text))


@pytest.mark.parametrize("rooms", [(), ("parliament",)])
def test_events_of_a_closed_collection_go_to_the_webhooks_of_the_room(
    opened: Open, site: Site, tmp_path: Path, rooms: tuple[str, ...]
) -> None:
    service = with_room(opened(rooms=rooms), tmp_path)
    tell(service)
    for name in ("gazette", "debates"):
        service.events.append(NOON, "run.over", source=name, run=f"r-{name}")
    archived(service, "gazette", "moved", "parliament")
    service.events.append(NOON, "run.over", source="gazette", run="moved")
    tell(service)

    told = [json.loads(asked.body)["data"]["source"] for asked in site.asked]
    assert told == (["gazette", "debates", "gazette"] if rooms else ["gazette"])


def test_events_of_a_source_that_another_machine_has_are_sent_unless_its_captures_are_closed(
    opened: Open, site: Site, tmp_path: Path
) -> None:
    service = with_room(opened(), tmp_path)
    tell(service)
    archived(service, "beta", "b1", "open")
    archived(service, "secret", "c1", "parliament")
    for source, run in (("beta", "b1"), ("beta", "b2"), ("new", "n1"), ("secret", "c1"), ("secret", "c2")):
        service.events.append(NOON, "run.over", source=source, run=run)
    for source, run in (("beta", "b1"), ("beta", "c1")):
        service.events.append(NOON, "watch.matched", source=source, record_id=f"<{run}>", watch="w", phrase="p")
    tell(service)

    told = [json.loads(asked.body) for asked in site.asked]
    assert [(each["data"]["source"], each["data"].get("run")) for each in told] == [
        ("beta", "b1"),
        ("beta", "b2"),
        ("new", "n1"),
        ("beta", None),
    ]
    assert told[-1]["data"]["record_id"] == "<b1>"


def change_of(service: Service, run: str, url: str) -> None:
    """Archive a page and tell that it changed."""
    archived(service, "gazette", run, "open")
    with service.database.writing() as connection:
        changed = captures.update().where(captures.c.run == run)
        connection.execute(changed.values(url=url, urlkey=urlkey(url)))
    service.events.append(NOON, "page.changed", source="gazette", run=run, url=url, record_id=f"<{run}>")


def take_down(service: Service) -> TakeDown:
    return service.take_downs.add("http://x.example/a", "a reason", by="ada", at="20260131120000")


def records_of(site: Site) -> list[str]:
    return [json.loads(asked.body)["data"]["record_id"] for asked in site.asked]


def test_an_event_of_a_page_that_is_taken_down_is_sent_once_that_is_lifted(
    opened: Open, site: Site, clock: Clock
) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    change_of(service, "r1", "http://x.example/a")
    one = take_down(service)
    change_of(service, "r2", "http://x.example/b")
    tell(service)
    clock.at += timedelta(hours=2)
    tell(service)
    during = records_of(site)
    service.take_downs.lift(one.id, by="ada")
    clock.at += timedelta(hours=2)
    tell(service)

    assert during == ["<r2>"]
    assert records_of(site) == ["<r2>", "<r1>"]


def test_a_message_that_waits_is_held_while_its_page_is_taken_down(opened: Open, site: Site, clock: Clock) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    site.otherwise = Reply(503)
    change_of(service, "r1", "http://x.example/a")
    tell(service)
    one = take_down(service)
    site.otherwise, site.asked[:] = Reply(204), []
    clock.at += timedelta(minutes=1)
    tell(service)
    during, [held] = records_of(site), message_shapes(service, "team")
    service.take_downs.lift(one.id, by="ada")
    clock.at += timedelta(hours=2)
    tell(service)

    assert during == []
    assert (held.state, held.attempts) == ("waiting", 1)
    assert records_of(site) == ["<r1>"]


def test_a_message_of_what_stays_taken_down_ends_as_withheld_and_is_never_sent(
    opened: Open, site: Site, clock: Clock
) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    change_of(service, "r1", "http://x.example/a")
    one = take_down(service)
    tell(service)
    states = []
    for hours in (24 * 7 - 2, 3):
        clock.at += timedelta(hours=hours)
        tell(service)
        states += [(each.state, each.next_at is None) for each in message_shapes(service, "team")]
    service.take_downs.lift(one.id, by="ada")
    enable_webhook(service, "team")
    clock.at += timedelta(hours=2)
    tell(service)

    assert states == [("waiting", False), ("withheld", True)]
    assert webhook_shape(service, "team").waiting == 0
    assert records_of(site) == []


@pytest.mark.parametrize("taken_down", ["http://x.example/a", "http://other.example/", ""])
def test_a_message_whose_event_is_deleted_waits_while_its_page_is_taken_down(
    opened: Open, site: Site, clock: Clock, taken_down: str
) -> None:
    service, held = opened(events=["page.changed"]), taken_down == "http://x.example/a"
    tell(service)
    site.otherwise = Reply(503)
    change_of(service, "r1", "http://x.example/a")
    tell(service)
    at = "20260131120000" if held else None
    one = service.take_downs.add(taken_down, "a reason", by="ada", at=at) if taken_down else None
    site.otherwise, site.asked[:] = Reply(204), []
    clock.at += timedelta(days=31)
    service.events.prune(clock.at)
    tell(service)
    during, [message] = records_of(site), message_shapes(service, "team")
    if one is not None and held:
        service.take_downs.lift(one.id, by="ada")
        clock.at += timedelta(hours=2)
        tell(service)

    assert during == ([] if held else ["<r1>"])
    assert message.state == ("waiting" if held else "delivered")
    assert records_of(site) == ["<r1>"]


def test_an_old_message_of_a_new_take_down_is_held_for_seven_days(opened: Open, site: Site, clock: Clock) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    site.otherwise = Reply(410)  # disables the webhook
    change_of(service, "r1", "http://x.example/a")
    tell(service)
    clock.at += timedelta(days=8)
    site.otherwise, site.asked[:] = Reply(204), []
    take_down(service)
    enable_webhook(service, "team")
    states = []
    for hours in (0, 24 * 7 - 2, 3):
        clock.at += timedelta(hours=hours)
        tell(service)
        states += [(each.state, each.ended_at is None) for each in message_shapes(service, "team")]

    assert states == [("waiting", True), ("waiting", True), ("withheld", False)]
    assert site.asked == []


def test_the_days_of_a_second_take_down_are_counted_from_its_own_beginning(
    opened: Open, site: Site, clock: Clock
) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    change_of(service, "r1", "http://x.example/a")
    for days in (6, 6):
        one = take_down(service)
        tell(service)
        clock.at += timedelta(days=days)
        tell(service)
        service.take_downs.lift(one.id, by="ada")
        clock.at += timedelta(hours=2)
        site.otherwise = Reply(503)
        tell(service)
        clock.at += timedelta(minutes=1)
    site.otherwise, site.asked[:] = Reply(204), []
    clock.at += timedelta(hours=2)
    tell(service)

    assert records_of(site) == ["<r1>"]


def test_what_names_no_page_waits_for_no_take_down(opened: Open, site: Site, clock: Clock) -> None:
    service = opened(events=["run.over"])
    tell(service)
    site.otherwise = Reply(410)
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(service)
    clock.at += timedelta(days=31)
    service.events.prune(clock.at)
    service.take_downs.add("http://other.example/", "a reason", by="ada")
    site.otherwise, site.asked[:] = Reply(204), []
    enable_webhook(service, "team")
    tell(service)

    assert [each.state for each in message_shapes(service, "team")] == ["delivered"]


def test_no_writer_waits_while_a_webhook_looks_for_events_of_closed_collections(
    opened: Open, site: Site, tmp_path: Path
) -> None:
    service = with_room(opened(events=["run.over"]), tmp_path)
    tell(service)
    looked: list[bool] = []

    @event.listens_for(service.database.engine, "before_cursor_execute")
    def _note(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "captures" in statement:
            looked.append(bool({WRITES, BESIDE} & connection.get_execution_options().keys()))

    service.events.append(NOON, "page.new", source="gazette", run="r", url="u", timestamp="2026")
    tell(service)
    assert looked == [], "what the webhook does not want is not looked up"
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(service)

    assert set(looked) == {False}
    assert len(site.asked) == 1
