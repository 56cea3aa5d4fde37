"""Have what a command changes in the audit trail, under the name of the user of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

    from pressmark.service.service import Service


def record(context: typer.Context, service: Service, target: str = "", **facts: Any) -> None:
    """Add a row for this command; `facts` are `before` and `after`."""
    from pressmark.service.access.trail import COMMAND_LINE

    service.access.trail.add(f"user {_user()}", COMMAND_LINE, context.command_path, target, **facts)


def _user() -> str:
    """Return the login name of this process; its number where the system knows no name for it."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
