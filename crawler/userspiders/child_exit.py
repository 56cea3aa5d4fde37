"""How a run of a user's spider ended, and why, derived from its counts and from what the spider reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.values.plural import counted
from crawler.policy.order import Ending

_FAULTS = ("start-errors", "errors", "item-errors", "unkept", "lost")
"""What the tally of a spider counts that no site causes."""


@dataclass(slots=True)
class ChildExit:
    """What is known of the end of the child."""

    over: bool = False
    """Whether it reported that it is over."""
    closed: str = ""
    """Scrapy's word for why the spider was closed: ``finished``, or what the spider said."""
    unusable: str = ""
    """Why the spider could not be run, as a sentence."""
    died: str = ""
    """How a process ended that did not report its end."""
    left: bool = False
    """Whether it left processes behind."""
    stats: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def ended(
    fetched: Counter[str], spiders: Counter[str], told: ChildExit, reserved_by: str | None = None
) -> tuple[Ending, str]:
    """Return the ending of a run that was not ended from outside.

    `reserved_by` is what reserves the use of the first page that was therefore not kept.
    """
    if told.unusable:
        return "failed", told.unusable
    kept = fetched["pages"] + spiders["items"]
    if told.died:
        died = told.died if told.died.startswith("the spider") else f"the process of the spider {told.died}"
        return ("partial" if kept else "failed"), died
    lacks = _lacks(spiders, told)
    if kept and lacks:
        return "partial", "; ".join(lacks)
    said = f"{counted(fetched['pages'], 'page')}, {counted(spiders['items'], 'item')}"
    if told.closed not in ("", "finished", "start_error"):
        said += f"; the spider closed itself: {told.closed}"
    if kept:
        return ("done" if fetched["new"] or not fetched["pages"] else "unchanged"), said
    reserved = _reserved(fetched["dropped:reserved"], reserved_by)
    if reserved or lacks:
        return ("blocked" if _blocked(fetched, spiders) else "failed"), "; ".join((*reserved, *lacks))
    return "empty", f"the spider got no pages and returned no items; {said}"


def _blocked(fetched: Counter[str], spiders: Counter[str]) -> bool:
    """Return whether the site's reservations and robots.txt are all that kept pages from the spider."""
    refused = fetched["dropped:reserved"] + fetched["dropped:robots"]
    return 0 < refused >= spiders["failures"] and not any(spiders[name] for name in _FAULTS)


def _reserved(count: int, by: str | None) -> tuple[str, ...]:
    """Return the clause about pages that were not kept, as their site reserves the use; none without such pages."""
    line = f" ({by})" if by else ""
    return (f"the site reserves the use of {counted(count, 'page')}{line}",) if count else ()


def _lacks(spiders: Counter[str], told: ChildExit) -> list[str]:
    """Return what went wrong, one clause each."""
    lacks = []
    if spiders["start-errors"]:
        lacks.append(f"start raised {told.notes.get('start-errors', 'an error')}")
    if count := spiders["errors"]:
        times = "a callback raised" if count == 1 else f"callbacks raised {count} times, the last:"
        lacks.append(f"{times} {told.notes.get('errors', 'an error')}")
    if count := spiders["item-errors"]:
        lacks.append(f"pipelines raised for {counted(count, 'item')}")
    if count := spiders["unkept"]:
        lacks.append(f"{counted(count, 'object')} could not be stored as items: see the run log")
    if count := spiders["lost"]:
        lacks.append(f"{counted(count, 'request')} could not be saved and got lost when the worker died")
    if count := spiders["failures"]:
        lacks.append(f"{counted(count, 'request')} had no response")
    return lacks
