"""What a Scrapy project decides about its archive: its settings that begin with PRESSMARK_."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config import names
from config.errors import ConfigError, Problem, did_you_mean
from config.settings import PREFIX, Settings, load_settings, variables

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

COLLECTION, SOURCE = "PRESSMARK_COLLECTION", "PRESSMARK_SOURCE"
GUARD, RECORD_AUTH = "PRESSMARK_GUARD", "PRESSMARK_RECORD_AUTH"
_OWN = (COLLECTION, SOURCE, GUARD, RECORD_AUTH)


@dataclass(frozen=True, slots=True)
class Choices:
    """Where and how a project archives what it fetches."""

    settings: Settings
    """The settings of the home, overridden by those of the project."""
    collection: str
    source: str
    guarded: bool
    """Whether only public addresses are fetched."""
    record_auth: bool
    """Whether Authorization and Cookie values stay readable in the archive."""


def choices_of(settings: BaseSettings, spider: str) -> Choices:
    """Read the choices. The source is named after the spider unless the project names it. Raises ConfigError."""
    given = {name: settings[name] for name in settings if isinstance(name, str) and name.startswith(PREFIX)}
    return Choices(
        load_settings(_flags(given)),
        _checked(COLLECTION, given.get(COLLECTION) or names.DEFAULT, names.check_collection),
        _checked(SOURCE, given.get(SOURCE) or names.plain(spider), names.check_name),
        settings.getbool(GUARD),
        settings.getbool(RECORD_AUTH),
    )


def _flags(given: dict[str, Any]) -> dict[str, Any]:
    """Return dotted keys of the service's settings. Raises ConfigError for an unknown setting."""
    known = variables()
    if strange := [name for name in given if name not in (*known, *_OWN)]:
        raise ConfigError(
            *(Problem(f"unknown Scrapy setting {name}", name, None, _near(name, known)) for name in strange)
        )
    return {_dotted(name): value for name, value in given.items() if name in known}


def _near(name: str, known: list[str]) -> str | None:
    near = did_you_mean(name.removeprefix(PREFIX), [each.removeprefix(PREFIX).lower() for each in (*known, *_OWN)])
    return near.upper().replace("DID YOU MEAN '", f"did you mean '{PREFIX}") if near else None


def _dotted(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower().replace("__", ".")


def _checked(setting: str, name: object, check: Callable[[str], str]) -> str:
    try:
        return check(str(name))
    except ValueError as error:
        hint = f"set {setting} in the settings of Scrapy"
        raise ConfigError(Problem(str(error), setting, None, hint)) from None
