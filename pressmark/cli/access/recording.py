"""Have what a command changes in the audit trail, under the name of the user of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

    from pressmark.service.service import Service


def record(context: typer.Context, service: Service, target: str = "", **facts: Any) -> None:
    """Add a row for this command; `facts` are `before`, `after` and `outcome`."""
    from pressmark.service.access.trail import COMMAND_LINE, user_of_machine

    service.access.trail.add(user_of_machine(), COMMAND_LINE, context.command_path, target, **facts)
