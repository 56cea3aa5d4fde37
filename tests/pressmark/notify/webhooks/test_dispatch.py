"""Webhooks over real sockets: signatures by the specification, retries, refusals, and forbidden addresses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Asked, Reply, Site, redirect, serving
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from archive.database.schema import captures, runs, segments, texts
from archive.values.urlkey import urlkey
from config.groups.rooms import Room
from config.settings import Settings
from pressmark.notify.webhooks.dispatch import JITTER, PAUSES, Dispatch
from pressmark.notify.webhooks.signing import new_secret, signed
from pressmark.notify.webhooks.webhook_state import message_shapes, try_webhook, webhook_shape
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from scheduler.notices.outbox import LONGEST_WAIT, Outbox

SECRET = "whsec_" + b64encode(b"a key of these tests, and no other").decode()
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LOOPBACK = {"addresses": ["127.0.0.0/8"]}


def verify(secret: str, headers: Any, body: bytes, now: datetime) -> bool:
    """Verify a message as the specification of Standard Webhooks tells a receiver to."""
    message, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(int(timestamp) - now.timestamp()) > 300:
        return False
    key = b64decode(secret.removeprefix("whsec_"))
    right = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(b64decode(value), right) for version, _, value in given)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.otherwise = Reply(204)
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


Open = Callable[..., Service]


@pytest.fixture
def opened(tmp_path: Path, site: Site, clock: Clock) -> Iterator[Open]:
    """Make a service with a webhook at the site."""
    contexts = []

    def make(url: str = f"{site.url}/hook/secret-path", **facts: Any) -> Service:
        webhook = {"url": url, "secret": SECRET, **LOOPBACK, **facts}
        context = open_pressmark(Settings(home=tmp_path, webhooks={"team": webhook}))  # type: ignore[arg-type]
        contexts.append(context)
        return replace(context.__enter__(), now=clock)

    yield make
    for context in contexts:
        context.__exit__(None, None, None)


def tell(service: Service, **facts: Any) -> None:
    asyncio.run(Dispatch(service, **facts).once())


def test_links_of_messages_begin_with_the_public_address(opened: Open, site: Site) -> None:
    service = opened()
    public = replace(service, settings=service.settings.model_copy(update={"public_url": "https://archive.example"}))
    tell(public)
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(public)

    assert json.loads(site.asked[0].body)["data"]["page"] == "https://archive.example/runs/r"


def test_an_event_is_sent_once_signed_by_the_specification(opened: Open, site: Site, clock: Clock) -> None:
    service = opened()
    tell(service)
    service.events.append(
        NOON, "page.changed", source="gazette", run="r", url="https://x.org/a?b=<c>", timestamp="2026"
    )
    service.events.append(NOON, "run.started", source="gazette", run="r")
    tell(service)
    tell(service)

    [asked] = site.asked
    message = json.loads(asked.body)
    assert (asked.method, asked.path, asked.headers["content-type"]) == (
        "POST",
        "/hook/secret-path",
        "application/json",
    )
    assert verify(SECRET, asked.headers, asked.body, clock())
    assert (message["type"], message["timestamp"]) == ("page.changed", "2026-01-31T12:00:00Z")
    assert message["data"]["url"] == "https://x.org/a?b=<c>"
    assert message["data"]["diff"].startswith("/diff/previous/2026/https://x.org/")
    assert b"<" not in asked.body
    shape = webhook_shape(service, "team")
    assert (shape.delivered, shape.delivered_at, shape.answer) == (1, NOON, "127.0.0.1 answered 204")


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


def records_of(site: Site) -> list[str]:
    return [json.loads(asked.body)["data"]["record_id"] for asked in site.asked]


def test_an_event_of_a_page_that_is_taken_down_is_sent_once_that_is_lifted(
    opened: Open, site: Site, clock: Clock
) -> None:
    service = opened(events=["page.changed"])
    tell(service)
    change_of(service, "r1", "http://x.example/a")
    one = service.take_downs.add("http://x.example/a", "a reason", by="ada", at="20260131120000")
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
    one = service.take_downs.add("http://x.example/a", "a reason", by="ada", at="20260131120000")
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


def test_no_writer_waits_while_a_webhook_looks_for_events_of_closed_collections(
    opened: Open, site: Site, tmp_path: Path
) -> None:
    service = with_room(opened(events=["run.over"]), tmp_path)
    tell(service)
    looked: list[bool] = []

    @event.listens_for(service.database.engine, "before_cursor_execute")
    def _note(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "captures" in statement:
            looked.append(bool(connection.get_execution_options().get("pressmark_writes")))

    service.events.append(NOON, "page.new", source="gazette", run="r", url="u", timestamp="2026")
    tell(service)
    assert looked == [], "what the webhook does not want is not looked up"
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(service)

    assert set(looked) == {False}
    assert len(site.asked) == 1


def test_another_body_key_id_or_time_fails_verification(opened: Open, site: Site, clock: Clock) -> None:
    service = opened()
    try_webhook(service, "team")

    [asked] = site.asked
    headers = dict(asked.headers)
    assert verify(SECRET, headers, asked.body, clock())
    assert not verify(SECRET, headers, asked.body + b" ", clock())
    assert not verify(new_secret(), headers, asked.body, clock())
    assert not verify(SECRET, headers | {"webhook-id": "msg_other"}, asked.body, clock())
    assert not verify(SECRET, headers, asked.body, clock() + timedelta(minutes=6))


@given(
    st.text(max_size=200),
    st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.text(st.characters(codec="ascii", categories=["L"]), min_size=1),
)
def test_everything_signed_passes_verification(body: str, at: datetime, message: str) -> None:
    secret = new_secret()
    headers = signed(secret, message, at, body)

    assert verify(secret, headers, body.encode(), at)


def test_a_refused_message_is_sent_again_with_growing_pauses_under_the_same_id(
    opened: Open, site: Site, clock: Clock
) -> None:
    service = opened()
    site.otherwise = Reply(500)
    tell(service)
    service.events.append(NOON, "run.over", source="gazette", run="r")
    waits = []
    for _ in PAUSES:
        tell(service)
        before = len(site.asked)
        tell(service)
        assert len(site.asked) == before  # not before its time
        [message] = message_shapes(service, "team")
        assert message.next_at is not None
        waits.append(message.next_at - clock.at)
        clock.at = message.next_at
    tell(service)

    assert [0.8 <= waited / pause <= 1.2 for waited, pause in zip(waits, PAUSES, strict=True)] == [True] * len(PAUSES)
    assert len(set(waits)) == len(waits)
    assert len({asked.headers["webhook-id"] for asked in site.asked}) == 1
    assert len({asked.headers["webhook-timestamp"] for asked in site.asked}) == len(site.asked) == len(PAUSES) + 1
    assert webhook_shape(service, "team").given_up == 1
    site.otherwise = Reply(204)
    Outbox(service.database).enable("team", clock.at)
    tell(service)
    assert (webhook_shape(service, "team").delivered, webhook_shape(service, "team").given_up) == (1, 0)


def test_a_receiver_that_is_gone_gets_nothing_until_it_is_enabled(opened: Open, site: Site, clock: Clock) -> None:
    service = opened()
    tell(service)
    site.otherwise = Reply(410)
    for run in ("a", "b"):
        service.events.append(NOON, "run.over", source="gazette", run=run)
    tell(service)
    service.events.append(NOON, "run.over", source="gazette", run="c")
    clock.at += timedelta(days=3)
    tell(service)
    disabled = webhook_shape(service, "team")
    asked = len(site.asked)
    site.otherwise = Reply(200)
    Outbox(service.database).enable("team", clock.at)
    tell(service)

    assert (disabled.disabled_at, disabled.reason, asked) == (NOON, "127.0.0.1 answered 410", 1)
    assert [json.loads(one.body)["data"]["run"] for one in site.asked] == ["a", "a", "b", "c"]


def test_a_slow_receiver_is_dropped_and_delays_nobody(opened: Open, site: Site) -> None:
    service = opened()
    tell(service)
    site.otherwise = Reply(204, after=30)
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(service, seconds=0.3)

    [message] = message_shapes(service, "team")
    assert (message.state, message.attempts, message.answer) == ("waiting", 1, "127.0.0.1 did not respond within 0.3 s")


def test_no_redirect_is_followed(opened: Open, site: Site) -> None:
    with serving() as forbidden:
        site.otherwise = redirect(f"{forbidden.url}/latest/meta-data/", 307)
        tried = try_webhook(opened(), "team")

        assert (tried.taken, tried.status, len(site.asked), forbidden.asked) == (False, 307, 1, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"])
def test_a_private_address_is_not_connected_to(opened: Open, site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    refused = try_webhook(opened(f"http://{host}:{port}/", addresses=[]), "team")

    assert (refused.taken, refused.status, site.asked) == (False, None, [])
    assert "does not fetch" in refused.sentence


def test_the_guard_can_allow_a_private_network(opened: Open, site: Site) -> None:
    assert try_webhook(opened(), "team").taken


def test_no_message_about_a_webhook_contains_its_path(
    opened: Open, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    service = opened()
    tell(service)
    site.otherwise = Reply(404)
    service.events.append(NOON, "source.blocked", source="gazette", run="r", reason="9 captcha")
    tell(service)

    shown = f"{webhook_shape(service, 'team')} {message_shapes(service, 'team')} {caplog.text} {caplog.records}"
    assert "secret-path" not in shown and SECRET not in shown


def test_only_the_wanted_events_and_sources_are_sent(opened: Open, site: Site) -> None:
    service = opened(events=["page.new"], sources=["gazette"])
    service.events.append(NOON, "page.new", source="gazette", url="https://x.org/before", timestamp="2026")
    tell(service)
    for source, kind in (("gazette", "page.new"), ("gazette", "page.changed"), ("other", "page.new")):
        service.events.append(NOON, kind, source=source, url=f"https://x.org/{source}", timestamp="2026")
    tell(service)

    assert [json.loads(asked.body)["data"]["url"] for asked in site.asked] == ["https://x.org/gazette"]


@pytest.mark.parametrize(("back", "sent"), [(timedelta(hours=20), 2), (timedelta(seconds=30), 1)], ids=["set", "drift"])
def test_a_message_put_off_while_the_clock_was_ahead_is_sent_when_it_is_set_back(
    opened: Open, site: Site, clock: Clock, back: timedelta, sent: int
) -> None:
    service = opened()
    dispatch = Dispatch(service)
    asyncio.run(dispatch.once())
    clock.at = NOON + timedelta(hours=20)
    site.otherwise = Reply(503, headers=(("Retry-After", "7200"),))
    service.events.append(clock.at, "run.over", source="gazette", run="r")
    asyncio.run(dispatch.once())
    clock.at -= back
    asyncio.run(dispatch.once())

    assert len(site.asked) == sent


def test_a_receiver_chooses_the_pause(opened: Open, site: Site, clock: Clock) -> None:
    def busy(asked: Asked) -> Reply:
        return Reply(503, headers=(("Retry-After", "7200"),))

    service = opened()
    tell(service)
    site.otherwise = busy
    service.events.append(NOON, "run.over", source="gazette", run="r")
    tell(service)

    [message] = message_shapes(service, "team")
    assert message.next_at == clock.at + timedelta(hours=2)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"secret": "hunter2-hunter2"}, "invalid webhook secret"),
        ({"secret": "whsec_c2hvcnQ="}, "invalid webhook secret"),
        ({"url": "ftp://x.org/"}, "an http or https URL"),
        ({"url": "https://a:b@x.org/"}, "an http or https URL"),
        ({"url": None}, "needs url"),
        ({"events": ["page.gone"]}, "page.new"),
    ],
)
def test_invalid_settings_are_reported_without_secrets(facts: dict[str, Any], told: str) -> None:
    webhook = {"url": "https://x.org/", "secret": SECRET, **facts}
    with pytest.raises(ValueError, match=told) as refused:
        Settings(webhooks={"team": webhook})  # type: ignore[arg-type]

    assert SECRET not in str(refused.value) or "secret" not in facts


def test_no_pause_is_longer_than_a_message_may_wait() -> None:
    assert max(PAUSES) * (1 + JITTER) <= LONGEST_WAIT
