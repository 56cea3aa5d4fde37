"""Add, change and remove the watches of the pages: the same for the pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.groups.watches import Watch
from config.names import check_name
from pressmark.notify.assistant.trial import NoAssistant
from pressmark.notify.watches.watch_shapes import UnknownWatch, watches_of
from pressmark.service.service import Service
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_subscriptions import WatchSubscriptions


class WatchChanged(Exception):
    """A watch is not in the state that a person began to edit."""

    def __init__(self) -> None:
        super().__init__("another person changed the watch at the same time; open its page again")


class WatchExists(ConfigError):
    def __init__(self, name: str) -> None:
        super().__init__(Problem(f"a watch named {name!r} already exists", suggestion="choose another name"))


class UnreadableWatch(ConfigError):
    """This version can't read a watch, or what it was before."""

    def __init__(self, name: str) -> None:
        told = f"this version of Pressmark can't read the watch {name}"
        super().__init__(Problem(told, suggestion="remove it, then add it again"))


class NoFormerWatch(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"the watch {name} has no former state, so there is nothing to undo")


@dataclass(frozen=True, slots=True)
class WatchChange:
    """What was changed, for the audit trail."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


def watch_from(service: Service, facts: Mapping[str, Any], before: Watch | None = None) -> Watch:
    """Return the watch of a form. Raises ConfigError, which names the field.

    The sources must exist, except those that it had `before`.
    """
    _check_assistant(service, facts)
    if not facts.get("phrases"):
        raise ConfigError(Problem("give at least one phrase"))
    try:
        made = Watch.model_validate(dict(facts))
    except ValidationError as error:
        raise ConfigError(*explain(error, Watch, Document(dict(facts), None), ())) from None
    service.sources.poll()
    known = {*service.sources.good, *(before.sources if before else ())}
    if unknown := [name for name in made.sources if name not in known]:
        raise ConfigError(Problem(f"no source named {unknown[0]!r}"))
    return made


def add_watch(service: Service, name: str, watch: PageWatch) -> WatchChange:
    """Add a watch. It finds what is archived from now on.

    Raises ConfigError: the name is invalid or another watch has it.
    """
    check_free(service, name)
    if not PageWatches(service.database).add(name, watch):
        raise WatchExists(name)
    return WatchChange(None, _facts(watch))


def check_free(service: Service, name: str) -> None:
    """Raise ConfigError for a name that a new watch can't have: it is invalid, or another watch has it."""
    try:
        check_name(name)
    except ValueError as error:
        raise ConfigError(Problem(str(error))) from None
    if name in PageWatches(service.database).unreadable():
        raise UnreadableWatch(name)
    if name in watches_of(service):
        raise WatchExists(name)


def change_watch(service: Service, name: str, watch: PageWatch, seen: str) -> WatchChange:
    """Write a watch instead of the one with the digest `seen`, which stays as the former one.

    Raises UnknownWatch, WatchChanged; ConfigError for a watch of the settings.
    """
    before = watch_of_pages(service, name)
    if seen != before.digest:
        raise WatchChanged
    if watch != before and not PageWatches(service.database).save(name, watch, before):
        raise WatchChanged
    return WatchChange(_facts(before), _facts(watch))


def pause_watch(service: Service, name: str, *, paused: bool) -> WatchChange:
    """Pause or resume a watch. Raises UnknownWatch, WatchChanged; ConfigError for a watch of the settings."""
    before = watch_of_pages(service, name)
    return change_watch(service, name, PageWatch(before.watch, paused), before.digest)


def remove_watch(service: Service, name: str) -> tuple[WatchChange, PageWatch | None]:
    """Remove a watch, also one that this version can't read, and its messages; return it if it could be read.

    It stays as the former one, and its hits stay. Raises UnknownWatch, WatchChanged; ConfigError for a watch of the
    settings.
    """
    own = PageWatches(service.database)
    _check_not_in_settings(service, name)
    before = None
    if not own.remove_unreadable(name):
        before = watch_of_pages(service, name)
        if not own.remove(name, before):
            raise WatchChanged
    WatchSubscriptions(service.database).remove_of_watch(name)
    return WatchChange(_facts(before), None), before


def undo_watch(service: Service, name: str) -> WatchChange:
    """Bring a watch of the pages back to what it was before its last change, or before it was removed.

    Raises NoFormerWatch, WatchChanged; ConfigError for a watch of the settings.
    """
    _check_not_in_settings(service, name)
    own = PageWatches(service.database)
    former, now = own.former(name), own.get(name)
    if (former is None and own.has_former(name)) or name in own.unreadable():
        raise UnreadableWatch(name)
    if former is None or former == now:
        raise NoFormerWatch(name)
    if now is None:
        return add_watch(service, name, former)
    return change_watch(service, name, former, now.digest)


def watch_of_pages(service: Service, name: str) -> PageWatch:
    """Return a watch of the pages.

    Raises UnknownWatch; ConfigError for a watch of the settings, and for one that this version can't read.
    """
    _check_not_in_settings(service, name)
    own = PageWatches(service.database)
    if (found := own.get(name)) is None:
        raise UnreadableWatch(name) if name in own.unreadable() else UnknownWatch(name)
    return found


def _check_not_in_settings(service: Service, name: str) -> None:
    if name in service.webhooks.settings().watches:
        told = f"the watch {name} is in the settings file"
        raise ConfigError(Problem(told, suggestion="change it there"))


def _check_assistant(service: Service, facts: Mapping[str, Any]) -> None:
    """Raise ConfigError for texts that no language model of the settings writes."""
    settings, language = service.settings.assistant, facts.get("translation")
    if settings.url is None and (facts.get("summary") or language):
        raise ConfigError(Problem(str(NoAssistant())))
    if language and language not in settings.languages:
        offered = ", ".join(settings.languages)
        told = f"unknown language {str(language)[:80]!r}: the settings (assistant.languages) offer {offered}"
        raise ConfigError(Problem(told))


def _facts(watch: PageWatch | None) -> dict[str, Any] | None:
    return None if watch is None else watch.watch.model_dump(mode="json") | {"paused": watch.paused}
