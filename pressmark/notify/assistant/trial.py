"""The state of the language model of the settings, and a trial of its endpoint."""

from __future__ import annotations

import asyncio
from datetime import datetime

from pressmark.discover.drafted_source import user_agent
from pressmark.notify.assistant.endpoint import Answer, Endpoint, translation_of
from pressmark.notify.assistant.marking import MARK
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.notices.assistant_state import AssistantState

_SENTENCE = "The reading room opens at nine in the morning."
"""What is translated: nothing of the archive."""


class NoAssistant(Exception):
    """The settings name no language model."""

    def __init__(self) -> None:
        super().__init__("the settings name no language model; set assistant.url and assistant.model")


class AssistantShape(Shape):
    """The language model that writes summaries and translations for watches."""

    host: str
    model: str
    languages: list[str]
    """The languages of translations that the pages offer."""
    requests_today: int
    """In UTC, as all days here."""
    requests_a_day: int
    characters_today: int
    characters_a_day: int
    spent: bool
    """Whether a request did not fit into the budget of today."""
    failing: str | None
    """Why the last request had no good answer; null if it had."""
    failing_since: datetime | None
    next_try: datetime | None
    """Until when the endpoint is left alone."""


class AssistantTrialShape(Shape):
    """The result of a trial."""

    answered: bool
    sentence: str
    """What was sent."""
    text: str | None
    """The translation."""
    language: str
    mark: str | None
    """What has to stand beside the text: that a machine made it. Null without a text."""
    reason: str | None
    """Why there is none."""


def assistant_shape(service: Service) -> AssistantShape:
    """Return the state of the language model. Raises NoAssistant."""
    settings, now = service.settings.assistant, service.now()
    if settings.url is None:
        raise NoAssistant
    state = AssistantState(service.database)
    used, failure = state.used(now), state.failure()
    return AssistantShape(
        host=settings.host,
        model=settings.model or "",
        languages=list(settings.languages),
        requests_today=used.requests,
        requests_a_day=settings.requests_a_day,
        characters_today=used.characters,
        characters_a_day=settings.characters_a_day,
        spent=state.is_spent(now),
        failing=failure.reason if failure else None,
        failing_since=failure.since if failure else None,
        next_try=failure.until if failure else None,
    )


def try_assistant(service: Service) -> AssistantTrialShape:
    """Have a sentence translated that is not of the archive. A good answer ends a pause. Raises NoAssistant.

    It counts as a request of the day, and needs none left: an admin may raise the budget, too.
    """
    settings, now = service.settings.assistant, service.now()
    if settings.url is None:
        raise NoAssistant
    state, language = AssistantState(service.database), settings.languages[-1]
    state.take(len(_SENTENCE), now, requests_a_day=1 << 62, characters_a_day=1 << 62)
    endpoint = Endpoint(settings, user_agent(service.settings), figures=service.figures)
    answer: Answer = asyncio.run(endpoint.ask(translation_of(_SENTENCE, language)))
    if answer.text is not None:
        state.succeed()
    return AssistantTrialShape(
        answered=answer.text is not None,
        sentence=_SENTENCE,
        text=answer.text,
        language=language,
        mark=MARK % {"model": settings.model} if answer.text is not None else None,
        reason=answer.problem,
    )
