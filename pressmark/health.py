"""Whether the parts of a service do their work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pressmark.service import Service

Check = Callable[[], str | None]
"""Why a part does not do its work, as a sentence; None when it does."""


@dataclass(slots=True)
class Health:
    """The checks of a service, by the part that they are about."""

    checks: dict[str, Check] = field(default_factory=dict)

    notices: dict[str, Check] = field(default_factory=dict)
    """What people should know of a service that does its work all the same."""

    def problems(self) -> dict[str, str]:
        """The parts that don't do their work, and why. A check that breaks is a problem, too."""
        return _told(self.checks)

    def noticed(self) -> dict[str, str]:
        """What people should know, by part."""
        return _told(self.notices)


def out_of_reach(service: Service) -> str | None:
    """How many captures can't be read, and the way out; None when all can, as far as is known."""
    if not (count := service.index.damaged_count()):
        return None
    return (
        f"captures out of reach: {count}; the next run of their sources fetches what the sites still have;"
        " `pressmark ingest FILE` takes in a healthy copy, or a file of the spool's quarantine"
    )


def _told(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {part: _outcome(check) for part, check in checks.items()}
    return {part: sentence for part, sentence in found.items() if sentence is not None}


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
