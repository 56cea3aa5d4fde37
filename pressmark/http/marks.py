"""The strip of a source: a coloured mark for each of its last runs.

It is one picture. Marks that are elements of their own were half of the elements of a list of sources, and a seventh of
the time until it was painted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from pressmark.http.catalog import translator
from pressmark.http.reader import reader
from pressmark.http.times import clock
from pressmark.http.words import N_
from scheduler.ledger.history import Mark

_NONE = N_("none yet")
_PLAIN = ("done", "unchanged")
"""Outcomes that nobody looks up: their marks are drawn as one."""
_STEP, _WIDE, _HIGH = 9, 7, 18
"""The distance of marks, and their width and height, in units of which 16 are one rem."""


def strip(runs: Sequence[Mark]) -> Markup:
    """Return marks that show how and when each run ended; screen readers get the number of each outcome."""
    whose = reader.get()
    return _strip(tuple(runs), whose.language, whose.zone)


@lru_cache(maxsize=1 << 10)  # a page has a hundred, nearly all of them equal to those of the last request
def _strip(runs: tuple[Mark, ...], language: str, zone: str) -> Markup:
    say = translator(language)
    if not runs:
        return Markup('<span class="soft">{}</span>').format(say(_NONE))
    plain: dict[str, list[int]] = {}
    others = []
    for number, run in enumerate(runs):
        if run.outcome in _PLAIN:
            plain.setdefault(run.outcome, []).append(number)
        else:
            title = f"{say(run.outcome)} {clock(run.requested_at, zone)}"
            others.append(Markup("{}<title>{}</title></path>").format(_path(run.outcome, [number]), title))
    paths = [Markup("{}</path>").format(_path(outcome, numbers)) for outcome, numbers in plain.items()]
    told = ", ".join(f"{count:,} {say(outcome)}" for outcome, count in Counter(run.outcome for run in runs).items())
    width = _STEP * len(runs)
    return Markup(
        '<svg class="strip" viewBox="0 0 {} {}" width="{:g}rem" height="{:g}rem" aria-hidden="true">{}</svg>'
        '<span class="unseen">{}</span>'
    ).format(width, _HIGH, width / 16, _HIGH / 16, Markup("").join(paths + others), told)


def _path(outcome: str, numbers: Sequence[int]) -> Markup:
    """Return the start of a path with the marks of these runs."""
    drawn = "".join(f"M{number * _STEP} 0h{_WIDE}v{_HIGH}h-{_WIDE}z" for number in numbers)
    return Markup('<path class="{}" d="{}">').format(outcome, drawn)
