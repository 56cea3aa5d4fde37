"""Whether the parts of a service do their work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Check = Callable[[], str | None]
"""Why a part does not do its work, as a sentence; None when it does."""


@dataclass(slots=True)
class Health:
    """The checks of a service, by the part that they are about."""

    checks: dict[str, Check] = field(default_factory=dict)

    def problems(self) -> dict[str, str]:
        """The parts that don't do their work, and why. A check that breaks is a problem, too."""
        found = {part: _outcome(check) for part, check in self.checks.items()}
        return {part: problem for part, problem in found.items() if problem is not None}


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
