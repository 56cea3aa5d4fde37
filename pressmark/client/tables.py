"""Rows as tables of pandas and Polars, whichever is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pressmark.views.shapes import Shape

if TYPE_CHECKING:
    import pandas
    import polars

Row = Shape | Mapping[str, Any]


def pandas_frame(rows: Iterable[Row]) -> pandas.DataFrame:
    """Return a row for each item. Raises ImportError without pandas."""
    import pandas

    return pandas.DataFrame([_columns(row) for row in rows])


def polars_frame(rows: Iterable[Row]) -> polars.DataFrame:
    """Return a row for each item. Raises ImportError without Polars."""
    import polars

    return polars.DataFrame([_columns(row) for row in rows], infer_schema_length=None)


def _columns(row: Row) -> dict[str, Any]:
    return row.model_dump() if isinstance(row, Shape) else dict(row)
