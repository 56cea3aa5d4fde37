"""The base of all shapes of results: the same JSON from the command line and the API."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    # Each kind of list is a class without source code: searching for it took a fifth of the start of the API.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")
