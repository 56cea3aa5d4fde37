"""How many processes the setting `auto` means."""

from __future__ import annotations

import os
from typing import Literal

from archive.values.core_affinity import allowed_cores

_MOST = 4
"""Processes of `auto`, since each takes memory; the setting can name more."""


def number_of(setting: int | Literal["auto"]) -> int:
    """Return the number that a setting names; for `auto` the number of cores that this process may use, up to a limit.

    A container may have less time than cores, which the system does not say here.
    """
    if setting != "auto":
        return setting
    cores = len(allowed_cores()) or os.cpu_count() or 1
    return min(cores, _MOST)
