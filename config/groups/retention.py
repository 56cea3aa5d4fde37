"""Settings of retention: how long the captures of collections are kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from config.duration import Duration
from config.names import check_names

_LEAST = timedelta(days=1)


def _checked(retention: Mapping[str, timedelta]) -> Mapping[str, timedelta]:
    check_names("collection", retention)
    for name, kept in retention.items():
        if kept < _LEAST:
            raise ValueError(f"the retention of the collection {name} must be at least 1d")
    return retention


Retention = Annotated[Mapping[str, Duration], AfterValidator(_checked)]
