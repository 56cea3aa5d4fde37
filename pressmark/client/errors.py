"""What goes wrong between a program and the archive."""

from __future__ import annotations

from typing import NoReturn

import httpx2


class PressmarkError(Exception):
    """Any error of the client. The message says what was asked and what is wrong."""


class Refused(PressmarkError):
    """The service refused a request."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status
        """The status code of HTTP."""


class NotFound(Refused):
    """There is no such source, run or capture."""


class Incomplete(PressmarkError):
    """An export ended before its end: the connection broke, or a record of the archive is damaged."""


def refuse(answer: httpx2.Response) -> NoReturn:
    """Raise the error that an answer describes as a problem (RFC 9457)."""
    try:
        problem = answer.json()
        sentence = str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        sentence = answer.text[:200] or answer.reason_phrase
    kind = NotFound if answer.status_code == 404 else Refused
    raise kind(f"{sentence} ({answer.request.method} {answer.request.url})", answer.status_code)
