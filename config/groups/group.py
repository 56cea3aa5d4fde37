"""The base class of settings that belong together, as a mapping under one key."""

from __future__ import annotations

from pydantic import ConfigDict

from config.values.described import Described


class Group(Described):
    model_config = ConfigDict(frozen=True, extra="forbid")
