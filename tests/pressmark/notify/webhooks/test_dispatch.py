"""Webhooks over real sockets: signatures by the specification, retries, refusals, and forbidden addresses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from crawling.site import Asked, Reply, Site, redirect, serving
from hypothesis import given
from hypothesis import strategies as st
from services.webhook_service import NOON, SECRET, Clock, Open, tell

from config.settings import Settings
from pressmark.notify.webhooks.dispatch import JITTER, PAUSES, Dispatch
from pressmark.notify.webhooks.signing import new_secret, signed
from pressmark.notify.webhooks.webhook_state import message_shapes, try_webhook, webhook_shape
from scheduler.notices.outbox import LONGEST_WAIT, Outbox


def verify(secret: str, headers: Any, body: bytes, now: datetime) -> bool:
    """Verify a message as the specification of Standard Webhooks tells a receiver to."""
    message, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(int(timestamp) - now.timestamp()) > 300:
        return False
    key = b64decode(secret.removeprefix("whsec_"))
    right = hmac.new(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(b64decode(value), right) for version, _, value in given)


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


@pytest.mark.parametrize("restarted", [False, True], ids=["at work", "restarted"])
@pytest.mark.parametrize(("back", "sent"), [(timedelta(hours=20), 2), (timedelta(seconds=30), 1)], ids=["set", "drift"])
def test_a_message_put_off_while_the_clock_was_ahead_is_sent_when_it_is_set_back(
    opened: Open, site: Site, clock: Clock, back: timedelta, sent: int, restarted: bool
) -> None:
    service = opened()
    dispatch = Dispatch(service)
    asyncio.run(dispatch.once())
    clock.at = NOON + timedelta(hours=20)
    site.otherwise = Reply(503, headers=(("Retry-After", "7200"),))
    service.events.append(clock.at, "run.over", source="gazette", run="r")
    asyncio.run(dispatch.once())
    clock.at -= back
    if restarted:
        dispatch = Dispatch(service)
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
