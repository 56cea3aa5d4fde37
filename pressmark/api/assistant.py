"""/api/v1/assistant: the language model that writes summaries and translations for watches."""

from __future__ import annotations

from fastapi import Request

from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.notify.assistant.trial import AssistantShape, AssistantTrialShape, assistant_shape, try_assistant

router = Part(prefix="/api/v1/assistant", tags=["watches"])


@router.get("")
def show_assistant(service: Desk) -> AssistantShape:
    """Show the language model that writes summaries and translations for watches, with what was sent today."""
    return assistant_shape(service)


@router.post("/test")
def test_assistant(request: Request, service: Desk) -> AssistantTrialShape:
    """Send a test sentence to the language model, which translates it, and return the result. The sentence is not from
    the archive."""
    note(request, target=service.settings.assistant.host)
    return try_assistant(service)
