"""Webhooks that people set up in the pages, the API or the command line. Their secrets are names."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.groups.group import Group
from config.groups.webhooks import KINDS, Kind, check_watches
from config.values.secret import Secret


class PageWebhook(Group):
    """A webhook. Which collections are closed, and which webhooks get their events, is in the settings alone."""

    url: Secret
    secret: Secret
    events: Annotated[tuple[Kind, ...], Field(min_length=1)] = KINDS
    sources: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    """The sources of these events; empty for all."""
    watches: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    """The watches whose sentences (`watch.matched`) it gets; empty for all."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_watches(self.events, self.watches)
        return self
