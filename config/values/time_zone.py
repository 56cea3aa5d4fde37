"""Time zones, as settings and timetables name them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator

from config.errors import did_you_mean


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone named {name!r}; {_near_zone(name)}") from None
    return name


def _near_zone(name: str) -> str:
    zones = {zone.lower(): zone for zone in available_timezones()}
    cities = {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(zones.values())}
    word = name.lower().replace(" ", "_")
    if word in cities:
        return f"did you mean {cities[word]!r}?"
    near = did_you_mean(word, [*zones, *cities])
    if near:
        found = near.split("'")[1]
        return f"did you mean {zones.get(found) or cities[found]!r}?".replace('"', "'")
    return "write it as Europe/Berlin, Asia/Shanghai or UTC"


Zone = Annotated[str, AfterValidator(_zone)]
"""A name of the IANA time zone database."""
