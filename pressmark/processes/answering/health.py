"""The health of a service, as each process that answers for it reports it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pressmark.service.health import Check, Health
from pressmark.service.index_state import state_of
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions


def service_health(service: Service, checks: Mapping[str, Check]) -> Health:
    """Return the health by these checks of processes, by the index, and by the conditions on disk."""
    return Health({**checks, "index": lambda: state_of(service.database).awaited}, partial(conditions, service))
