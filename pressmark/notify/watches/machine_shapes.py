"""What a language model writes about sentences that watches found, as all doors show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from archive.values.wrong_clocks import is_over
from config.groups.assistant import Assistant
from config.groups.watches import Watch
from pressmark.notify.assistant.marking import MARK
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.notices.machine_texts import Kind, MachineText, MachineTexts, State, Wish
from scheduler.notices.watch_hits import Hit

KIND_NAMES: dict[Kind, str] = {"summary": "Summary of what was added", "translation": "Translation"}


class MachineShape(Shape):
    """A summary or translation that a language model wrote, or why there is none."""

    kind: Kind
    language: str
    """The language of the text; empty for that of the page."""
    state: State
    """`asked`: the model is being asked; `made`: there is a text; `failed`: there was no good answer; `spent`: the
    budget of the day is used up; `withheld`: the text of the page is not given away."""
    model: str
    mark: str | None
    """What has to stand beside the text: that a machine made it. Null without a text."""
    text: str | None
    reason: str | None
    """Why there is no text."""


def wishes_of(watch: Watch, language: str | None) -> list[Wish]:
    """Return what a watch wants about a sentence in a language. What is in the language of a translation needs none."""
    into = watch.translation or ""
    summary = [Wish("summary", into)] if watch.summary else []
    return [*summary, *([Wish("translation", into)] if into and main_language(into) != main_language(language) else [])]


def main_language(tag: str | None) -> str:
    """Return the first part of a language tag (RFC 5646)."""
    return (tag or "").partition("-")[0].lower()


def wants_texts(watch: Watch) -> bool:
    return watch.summary or watch.translation is not None


def machine_shapes(service: Service, hits: Sequence[Hit]) -> dict[int, list[MachineShape]]:
    """Return the texts about some sentences, which the caller may read, by the number of the sentence."""
    found = MachineTexts(service.database).of([hit.id for hit in hits if hit.id])
    return {hit: [_shape(one) for one in texts.values()] for hit, texts in found.items()}


def _shape(one: MachineText) -> MachineShape:
    return MachineShape(
        kind=one.kind,
        language=one.language,
        state=one.state,
        model=one.model,
        mark=MARK % {"model": one.model} if one.text is not None else None,
        text=one.text,
        reason=one.reason,
    )


def settled(service: Service, watch: Watch, hits: Sequence[Hit]) -> list[Hit]:
    """Return the first of these sentences: those that need not wait for a language model any more."""
    settings = service.settings.assistant
    if settings.url is None or not wants_texts(watch):
        return list(hits)
    now, known = service.now(), MachineTexts(service.database).of([hit.id for hit in hits])
    waiting = (n for n, hit in enumerate(hits) if _waits(settings, watch, hit, known.get(hit.id, {}), now))
    return list(hits[: next(waiting, len(hits))])


def _waits(settings: Assistant, watch: Watch, hit: Hit, known: Mapping[Wish, MachineText], now: datetime) -> bool:
    if is_over(hit.found_at, settings.wait, now):
        return False
    wanted = wishes_of(watch, hit.language)
    return any(wish not in known or known[wish].state == "asked" for wish in wanted)
