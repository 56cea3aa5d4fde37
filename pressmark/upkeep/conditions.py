"""What is wrong now and needs a person. The doctor, /readyz and the pages all use this, so that they agree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path

from archive.database.database_name import where
from archive.database.engine import reading_together
from archive.database.quick_check import QuickCheck
from archive.shipping.emptied import FirstStore, StoreEmptied
from archive.spool.salvage import LOST
from archive.spool.space import accepts_runs, fraction_of
from archive.store.hung_calls import SILENT
from archive.texts.confinement import missing
from archive.values.disk import no_more_files
from archive.values.errors import DatabaseUnusable, StoreError
from archive.values.os_errors import Meaning, meaning_of
from archive.values.size import spoken_size
from archive.warc import journal
from config.duration import duration_in_words
from config.settings import Settings
from pressmark.service.access.unread_decisions import UnreadDecisions
from pressmark.service.exits import Exit, exit_of
from pressmark.service.index_state import state_of
from pressmark.service.openid.states import login_conditions
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from pressmark.service.store_silence import store_silence
from pressmark.upkeep.disks import SPOOL, disks_of, is_read_only, refusals_of
from pressmark.upkeep.fixity_states import fixity_conditions
from pressmark.upkeep.last_audit import last_damage, last_full
from pressmark.upkeep.machines import captures_elsewhere, failing_jobs, missed_roles, runs_without_source, spools_back
from pressmark.upkeep.purging import purge_conditions
from pressmark.upkeep.silent_sources import silent_sources
from pressmark.upkeep.watch_conditions import assistant_conditions, watch_conditions
from pressmark.views.collections import known_collections

_CLOCK_BEHIND = timedelta(minutes=1)
"""A smaller difference may come from the clocks of two machines."""

_SAMPLE = 3
"""A local store that has nothing of this many of its oldest segments is another directory: its disk is not mounted."""

Found = Iterator[Condition]


def conditions(service: Service) -> Found:
    """Return everything that is wrong now. It asks disks and the database, never the store or the provider of logins,
    which may be slow.
    """
    found = list(_files())
    if not found:
        found = list(_database(service))
    with reading_together():
        more = [one for look in _LOOKS for one in _seen(service, look, is_usable=not found)]
    yield from (*found, *more)


def _seen(service: Service, look: Callable[[Service], Found], *, is_usable: bool) -> list[Condition]:
    """Return what a look finds. If the database or its files are not usable, that has been reported."""
    try:
        return list(look(service))
    except Exception as error:
        return [unlooked("service", error)] if is_usable else []


def conditions_unopened(settings: Settings, error: Exception) -> Found:
    """Return what is wrong with a home that can't be opened; `error` itself only if nothing else explains it."""
    found = [*_files(), *_space(settings)]
    if (damage := QuickCheck(settings.database_url).problem()) is not None:
        found.append(condition("database-damaged", where=where(settings.database_url), why=damage))
    yield from found or [unlooked("home", error)]


def unlooked(part: str, error: Exception) -> Condition:
    """Return the condition of a part that can't be checked."""
    if isinstance(error, DatabaseUnusable):
        return Condition("database", str(error), exit_of(error), "database-unusable")
    return Condition(part, f"Pressmark can't check this part: {type(error).__name__}: {error}", exit_of(error))


def _files() -> Found:
    if (error := no_more_files()) is not None:
        yield condition("too-many-files", pid=os.getpid(), why=error.strerror)


def _database(service: Service) -> Found:
    if (damage := service.quick_check.problem()) is not None:
        yield condition("database-damaged", where=where(service.settings.database_url), why=damage)
        return
    try:
        service.events.latest()
        if (why := service.database.trouble()) is not None:
            yield Condition("database", why, Exit.TEMPORARY)
        elif service.database.is_read_only():
            yield condition("database-read-only", where=where(service.settings.database_url))
    except Exception as error:
        yield unlooked("database", error)


def _space(settings: Settings) -> Found:
    for disk in disks_of(settings):
        uses = ", ".join(disk.uses)
        if disk.is_read_only:
            yield condition("disk-read-only", uses=uses, path=disk.path)
        elif disk.is_full:
            yield condition("disk-full", uses=uses, path=disk.path, free=spoken_size(disk.free))
        elif disk.lacks_inodes:
            yield condition("disk-without-inodes", uses=uses, path=disk.path, inodes=disk.inodes)
    refusals = {(use, path): error for use, path, error in refusals_of(settings) if not is_read_only(path)}
    for (use, path), error in refusals.items():
        if meaning_of(error) is not Meaning.NO_FILES:  # `_files` has that
            yield _refused(use, path, error)


def _refused(use: str, path: Path, error: OSError) -> Condition:
    if meaning_of(error) is Meaning.DENIED:
        return condition("directory-denied", use=use, path=path, user=os.getuid())
    return condition("disk-refuses", use=use, path=path, why=error.strerror)


def _disks(service: Service) -> Found:
    return _space(service.settings)


def _sources(service: Service) -> Found:
    service.sources.poll()
    unreadable = service.sources.unreadable
    if unreadable is not None and meaning_of(unreadable.error) is not Meaning.NO_FILES:  # `_files` has that
        why = unreadable.error.strerror
        yield condition("sources-unreadable", path=unreadable.directory, why=why, user=os.getuid())


def _clock(service: Service) -> Found:
    latest = service.index.latest_moment()
    behind = latest - service.now() if latest else timedelta(0)
    if behind > _CLOCK_BEHIND:
        whole = timedelta(minutes=ceil(behind / timedelta(minutes=1)))
        yield condition("clock-behind", behind=duration_in_words(whole))


def _spool(service: Service) -> Found:
    path = service.settings.spool_path
    if any(disk.is_full for disk in disks_of(service.settings) if SPOOL in disk.uses):
        return  # this is what must be reported
    fraction = fraction_of(path, service.settings.spool.budget) if path.is_dir() else 0.0
    if not accepts_runs(fraction):
        yield condition("spool-filling", path=path, fraction=f"{fraction:.0%}")


def _crawling(service: Service) -> Found:
    for halt in service.halts.all():
        yield condition("crawling-paused", worker=halt.worker, since=_minute(halt.since), why=halt.reason)


def _lost(service: Service) -> Found:
    for quarantine in sorted(service.settings.spool_path.parent.glob("*/quarantine")):
        files = sorted(quarantine.iterdir())
        lists = [file for file in files if file.name.endswith(LOST)]
        count = sum(len(journal.load(file).captures) for file in lists)
        if lists:
            named = ", ".join(map(str, lists))
            yield condition("captures-lost", count=count, file=named, others=len(files) - len(lists))


def _items(service: Service) -> Found:
    if damaged := service.items.damaged():
        file, why = min(damaged.items())
        yield condition("items-damaged", count=len(damaged), file=file, why=why)


def _index(service: Service) -> Found:
    if (noted := UnreadDecisions(service.database).get()) is not None:
        yield condition("decisions-unread", count=noted[0], first=noted[1])
    if (why := state_of(service.database).incomplete) is not None:
        yield condition("index-incomplete", why=why)


def _reach(service: Service) -> Found:
    if count := service.index.damaged_count():
        yield condition("captures-out-of-reach", count=count)


def _store(service: Service) -> Found:
    if (why := store_silence(service)) is not None:
        yield condition("store-silent", why=why)
    path = service.settings.store_path
    if path is not None and (why := _absence(service, path)):
        yield condition("store-missing", path=path, why=why, count=service.index.count_stored())
    if (damage := last_damage(service.database)) is not None:
        at = last_full(service.database)
        yield condition("objects-damaged", at=_minute(at) if at else "-", count=damage.count, first=damage.first)


def _absence(service: Service, path: Path) -> str | None:
    """Return why a local store is not there; None if it is."""
    try:
        FirstStore(service.index, service.store).check()
    except StoreEmptied as error:
        return error.why
    except StoreError:  # a disk that refuses has a state of its own
        return None
    oldest = service.index.oldest_keys(_SAMPLE)
    lacks = bool(oldest) and not any((path / key).is_file() for key in oldest)
    return "its oldest files are missing" if lacks else None


def _shipping(service: Service) -> Found:
    sealed = service.index.segments("sealed")
    problems = [segment.problem for segment in sealed if segment.problem and SILENT not in segment.problem]
    if problems:
        yield condition("store-refuses", count=len(sealed), why=problems[0])


def _spiders(service: Service) -> Found:
    unconfined = service.settings.worker.confine_spiders == "auto" and lacking()
    if unconfined and "spider" in service.sources.outlines().needing:
        yield condition("spiders-not-confined", why="; ".join(unconfined))


def _programs(service: Service) -> Found:
    """Yield which programs are missing that sources need: a browser, and what finds media."""
    needing = service.sources.outlines().needing
    if drawn := needing.get("browser"):
        from crawler.browser.probe import browser_problem

        if why := browser_problem(service.settings.browser.executable):
            yield condition("browser-missing", count=len(drawn), first=drawn[0], why=why)
    if wanted := needing.get("media"):
        from crawler.media.finder import media_problem

        if media_problem():
            yield condition("media-tool-missing", count=len(wanted), first=wanted[0])


def _rooms(service: Service) -> Found:
    settings = service.webhooks.settings()
    named = {room for webhook in settings.webhooks.values() for room in webhook.rooms}
    if misspelt := sorted(named - service.settings.rooms.keys()):
        yield condition("webhook-without-room", names=", ".join(misspelt))
    if not (rooms := service.settings.rooms):
        return
    if unknown := sorted(rooms.keys() - known_collections(service)):
        yield condition("rooms-without-collection", names=", ".join(unknown))
    people = {person for room in rooms.values() for person in room.people}
    if absent := sorted(people - {person.name for person in service.access.people.all()}):
        yield condition("rooms-without-person", names=", ".join(absent))


@cache
def lacking() -> tuple[str, ...]:
    """Return what this kernel can't do to confine a process. It is tried once: a running kernel stays the same."""
    return tuple(missing())


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


_LOOKS: tuple[Callable[[Service], Found], ...] = (
    _disks,
    _sources,
    _clock,
    _spool,
    _crawling,
    _lost,
    purge_conditions,
    _reach,
    captures_elsewhere,
    spools_back,
    runs_without_source,
    silent_sources,
    missed_roles,
    failing_jobs,
    _items,
    _index,
    _store,
    _shipping,
    _spiders,
    _programs,
    _rooms,
    login_conditions,
    fixity_conditions,
    watch_conditions,
    assistant_conditions,
)
