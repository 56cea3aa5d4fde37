"""Marks in time that a wrong clock may have written: the rules for everything that waits for a time.

While a clock is ahead, what is written as "in five minutes" may be years away. No wait may last longer for that than
the longest one of its kind: so a mark further ahead is wrong, and what waits for it is due.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, overload

SKEW = timedelta(minutes=1)
"""The clocks of two machines may differ by this much: such a mark is not taken for one of a wrong clock."""


@overload
def is_due(mark: datetime, now: datetime, longest: timedelta) -> bool: ...
@overload
def is_due(mark: Any, now: Any, longest: timedelta) -> Any: ...
def is_due(mark: Any, now: Any, longest: timedelta) -> Any:
    """Return whether the end of a wait has come, or can't be right. `longest` is the longest wait of its kind.

    With columns of a table, return the condition.
    """
    return (mark <= now) | (mark > now + longest)


def is_ahead(mark: datetime, now: datetime) -> bool:
    """Return whether the time of something that has happened is in the future: the clock was ahead then."""
    return mark > now + SKEW


def is_over(since: datetime, period: timedelta, now: datetime) -> bool:
    """Return whether a period since something that has happened is over. A time in the future says nothing: it is."""
    return now - since > period or is_ahead(since, now)


def steady(now: Callable[[], datetime], clock: Callable[[], float]) -> Callable[[], float]:
    """Return a clock in seconds since 1970 that counts the seconds of `clock` from now on: it is never set."""
    began, start = now().timestamp(), clock()
    return lambda: began + clock() - start
