"""The id of a run: ``20261124T155500Z-zgc-forum-1a2b3c``. It sorts by the second in which the run was requested."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

_ID = re.compile(r"(\d{8}T\d{6}Z)-(.+)-[0-9a-f]{6}", re.ASCII)


def new_run_id(source: str, at: datetime) -> str:
    """Return a new id for a run of a source that is requested at that moment."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{source}-{secrets.token_hex(3)}"


def source_of_run(run: str) -> str:
    """Return the name of the source. Raises ValueError for what is not an id."""
    return _parsed(run)[2]


def requested_at(run: str) -> datetime:
    """Return the second in which the run was requested. Raises ValueError for what is not an id."""
    return datetime.strptime(_parsed(run)[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _parsed(run: str) -> re.Match[str]:
    if (found := _ID.fullmatch(run)) is None:
        raise ValueError(f"{run!r} is not the id of a run")
    return found
