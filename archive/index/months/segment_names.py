"""Query whether the database has a segment, hidden or not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, select

from archive.database.schema import segments


def select_known() -> Select[Any]:
    """Select the id of a segment by its name."""
    return select(segments.c.id).where(segments.c.name == bindparam("name"))
