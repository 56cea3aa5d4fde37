"""Messages for webhooks wait no longer than they may, whatever the clock was when they were put off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from services.ledgers import Ledger

from scheduler.notices.outbox import LONGEST_WAIT, Outbox, Subscription

WANTED = Subscription("hook", ["source.paused", "source.resumed", "run.queued"])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    """An outbox with one message that is due."""
    outbox, now = Outbox(ledger.database), ledger.time()
    outbox.follow(WANTED, lambda event: "{}", now)
    ledger.request("a")
    assert outbox.follow(WANTED, lambda event: "{}", now) == 1
    return outbox


def test_a_message_that_was_put_off_while_the_clock_was_ahead_is_due(ledger: Ledger, outbox: Outbox) -> None:
    now = ledger.time()
    [message] = outbox.due("hook", now)
    outbox.put_off(message, now + 5 * DAY + HOUR, "503")
    assert [one.id for one in outbox.due("hook", now)] == [message.id]


def test_a_message_that_was_put_off_by_a_right_clock_waits(ledger: Ledger, outbox: Outbox) -> None:
    now = ledger.time()
    [message] = outbox.due("hook", now)
    outbox.put_off(message, now + LONGEST_WAIT, "503")
    assert outbox.due("hook", now) == []
    assert outbox.due("hook", now + LONGEST_WAIT - timedelta(seconds=1)) == []
    assert [one.id for one in outbox.due("hook", now + LONGEST_WAIT)] == [message.id]
