"""Have what a command changes in the audit trail, under the name of the user of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

    from pressmark.service.service import Service


def record(context: typer.Context, service: Service, target: str = "", **facts: Any) -> None:
    """Add a row for this command; `facts` are `before`, `after` and `outcome`."""
    from pressmark.service.access.trail import COMMAND_LINE, user_of_machine

    service.access.trail.add(user_of_machine(), COMMAND_LINE, context.command_path, target, **facts)


def record_each(context: typer.Context, service: Service, targets: Sequence[str]) -> None:
    """Add a row for each target of this command."""
    from pressmark.service.access.trail import COMMAND_LINE, user_of_machine

    service.access.trail.add_each(user_of_machine(), COMMAND_LINE, context.command_path, targets)
