"""The health of a service, as each process that answers for it reports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pressmark.service.health import Check, Health
from pressmark.service.index_state import state_of
from pressmark.service.service import Service
from pressmark.service.states import KINDS, Condition
from pressmark.upkeep.conditions import conditions

OTHERS = "answering"
"""The check of the further processes that answer: without them the service still works."""


def service_health(service: Service, checks: Mapping[str, Check]) -> Health:
    """Return the health by these checks of processes, by the index, and by the conditions on disk."""

    def found() -> Iterator[Condition]:
        yield from conditions(service)
        if (sentence := checks[OTHERS]()) is not None:
            kind = KINDS["answering-incomplete"]
            yield Condition(kind.part, sentence, kind.code, "answering-incomplete", kind.blocks)

    blocking = {part: check for part, check in checks.items() if part != OTHERS}
    return Health({**blocking, "index": lambda: state_of(service.database).awaited}, found)
