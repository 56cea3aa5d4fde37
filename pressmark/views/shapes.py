"""The base of all shapes of results: the same JSON from the command line and the API."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import ConfigDict, Field

from config.values.described import Described

Item = TypeVar("Item")
LARGEST_NUMBER = (1 << 63) - 1
"""The largest number that a row of a database can have."""


class Shape(Described):
    model_config = ConfigDict(frozen=True)


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")
