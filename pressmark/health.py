"""Whether the parts of a service do their work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pressmark.states import Condition

Check = Callable[[], str | None]
"""Why a part of this process does not do its work, as a sentence; None when it does."""


@dataclass(slots=True)
class Health:
    """The checks of this process, by the part that they are about, and the conditions of what is on disk."""

    checks: dict[str, Check] = field(default_factory=dict)
    conditions: Callable[[], Iterable[Condition]] = tuple

    def found(self) -> list[tuple[str, str]]:
        """The parts that don't do their work, each with one reason. A check that breaks is a problem, too."""
        broken = [(part, problem) for part, check in self.checks.items() if (problem := _outcome(check)) is not None]
        return broken + [(one.part, one.sentence) for one in self.conditions()]

    def problems(self) -> dict[str, str]:
        """The same by part, with all its reasons."""
        told: dict[str, list[str]] = {}
        for part, problem in self.found():
            told.setdefault(part, []).append(problem)
        return {part: "; ".join(problems) for part, problems in told.items()}


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
