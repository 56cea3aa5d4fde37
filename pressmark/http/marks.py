"""The strip of a source: a coloured mark for each of its last runs."""

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


def strip(runs: Sequence[Mark]) -> Markup:
    """Return marks that show how and when each run ended; screen readers get the number of each outcome."""
    whose = reader.get()
    return _strip(tuple(runs), whose.language, whose.zone)


@lru_cache(maxsize=1 << 10)  # a page has a hundred, nearly all of them equal to those of the last request
def _strip(runs: tuple[Mark, ...], language: str, zone: str) -> Markup:
    say = translator(language)
    if not runs:
        return Markup('<span class="soft">{}</span>').format(say(_NONE))
    titles = ((run.outcome, f"{say(run.outcome)} {clock(run.requested_at, zone)}") for run in runs)
    marks = Markup("").join(Markup('<i class="{}" title="{}"></i>').format(*each) for each in titles)
    told = ", ".join(f"{count:,} {say(outcome)}" for outcome, count in Counter(run.outcome for run in runs).items())
    return Markup('<span class="strip" aria-hidden="true">{}</span><span class="unseen">{}</span>').format(marks, told)
