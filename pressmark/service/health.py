"""Whether the parts of a service work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from archive.database.closed_collections import closed_collections
from pressmark.service.exits import Exit
from pressmark.service.states import Condition

Check = Callable[[], str | None]
"""Returns why a part of this process does not work, as a sentence; None when it does."""


@dataclass(slots=True)
class Health:
    """The checks of this process, by part, and the conditions on disk."""

    checks: dict[str, Check] = field(default_factory=dict)
    conditions: Callable[[], Iterable[Condition]] = tuple

    def found(self) -> list[Condition]:
        """Return what is wrong, each with its reason. A check that raises is wrong, too.

        A caller to whom collections are closed gets nothing: the sentences have names and paths of all of them.
        """
        if closed_collections():
            return []
        broken = [(part, problem) for part, check in self.checks.items() if (problem := _outcome(check)) is not None]
        return [*(Condition(part, problem, Exit.ERROR) for part, problem in broken), *self.conditions()]

    @staticmethod
    def problems(found: Iterable[Condition], *, named: bool = False) -> dict[str, str]:
        """Return what keeps the service from working, by part: its sentence, or with `named` its name only."""
        return _by_part((one for one in found if one.blocks), named=named)

    @staticmethod
    def notices(found: Iterable[Condition], *, named: bool = False) -> dict[str, str]:
        """Return what needs a person while the service works, in the same form."""
        return _by_part((one for one in found if not one.blocks), named=named)


def _by_part(found: Iterable[Condition], *, named: bool) -> dict[str, str]:
    told: dict[str, list[str]] = {}
    for one in found:
        told.setdefault(one.part, []).append(_name(one) if named else one.sentence)
    return {part: "; ".join(dict.fromkeys(each)) for part, each in told.items()}


def _name(condition: Condition) -> str:
    """Return the name of its state, without the paths, keys and addresses in its sentence."""
    return condition.state or f"{condition.part}-not-working"


def _outcome(check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
