"""The one place that chooses concrete parts, and joins them in the order of their dependencies."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.archive import Archive
from archive.database import figures
from archive.database.database_name import password_of
from archive.database.engine import Database, open_database
from archive.database.quick_check import QuickCheck
from archive.index.aliases import Aliases
from archive.index.index import Index
from archive.index.months.months import Months
from archive.shipping.emptied import FirstStore
from archive.spool.space import accepts_runs, back_pressure, fraction_of
from archive.store import ObjectStore, open_store
from archive.store.replicated import Replicated
from archive.texts.texts import Texts
from archive.values.counters import Figures
from archive.values.errors import DatabaseDamaged
from config.groups.service import S3
from config.settings import Settings
from pressmark.service import webhook_settings as hooks
from pressmark.service.idempotency import Requests
from pressmark.service.keys import keys_of
from pressmark.service.redaction import redaction
from pressmark.service.service import Service
from pressmark.service.webhook_settings import Hooks
from scheduler.events import Events
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.runs import Runs
from scheduler.pauses import Pauses
from scheduler.timetables.slots import Slots
from scheduler.workers.halts import Halts

if TYPE_CHECKING:
    from archive.retrieval.elsewhere import Elsewhere
    from scheduler.clock import Clock

_A_PERSON_WAITS = timedelta(seconds=25)
"""Seconds without an answer of a store after which a command gives up."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_pressmark(
    settings: Settings, *, mending: bool = False, patience: timedelta | None = _A_PERSON_WAITS
) -> Iterator[Service]:
    """Open the service that all doors of a home use. The home is created if it is missing.

    Raises DatabaseUnusable, OSError. With `mending`, a damaged SQLite database is set aside and a new one is made,
    which the worker then fills. `patience` as in `store_of`: None for a part of the service, `mending` or not.
    """
    settings.home.mkdir(0o700, parents=True, exist_ok=True)
    _check_writable(settings.home)
    redaction.hide(secrets_of(settings))
    keys = keys_of(settings.signing)
    with (
        closing(_database_of(settings, mending=mending)) as database,
        closing(store_of(settings, None if mending else patience)) as store,
    ):
        index = Index(database, now=utc_now)
        FirstStore(index, store).guard()
        index.use_months(Months(database, store))
        epochs = Epochs(database, now=utc_now, lease=settings.worker.lease, by_database=True)
        counted = Figures()
        runs = Runs(database, epochs, now=utc_now, attempts=settings.worker.attempts, counted=counted)
        service = Service(
            settings=settings,
            database=database,
            quick_check=QuickCheck(settings.database_url),
            store=store,
            archive=Archive(
                index,
                Texts(database),
                store,
                aliases=Aliases(database),
                elsewhere=_elsewhere(settings, database, epochs),
                sign=keys.sign,
            ),
            index=index,
            epochs=epochs,
            runs=runs,
            pauses=Pauses(database, now=utc_now),
            slots=Slots(database),
            halts=Halts(database, now=utc_now),
            events=Events(database),
            requests=Requests(database, runs, now=utc_now),
            figures=counted,
            keys=keys,
            webhooks=Hooks(settings, database),
            now=utc_now,
        )
        try:
            yield service
        finally:
            with suppress(Exception):  # nothing depends on a metric, least of all how this ends
                figures.write(database, counted)
            if "access" in vars(service):
                with suppress(Exception):
                    service.access.close()


def _database_of(settings: Settings, *, mending: bool) -> Database:
    if not mending:
        return open_database(settings.database_url)
    from pressmark.service.database_repair import set_aside_if_damaged

    set_aside_if_damaged(settings, utc_now)
    try:
        return open_database(settings.database_url)
    except DatabaseDamaged:  # what no check finds, opening may: an emptied file beside its remaining log
        if set_aside_if_damaged(settings, utc_now) is None:
            raise
    return open_database(settings.database_url)


def _check_writable(home: Path) -> None:
    """Raise OSError, where SQLite would only say that it can't open a file."""
    if not os.access(home, os.W_OK | os.X_OK):
        why = errno.EROFS if os.statvfs(home).f_flag & os.ST_RDONLY else errno.EACCES
        raise OSError(why, os.strerror(why), str(home))


def _elsewhere(settings: Settings, database: Database, epochs: Epochs) -> Elsewhere | None:
    """Return the spools of the other machines that share the database; None for a machine alone."""
    if not database.is_shared:
        return None
    from pressmark.service.peers.addresses import SpoolAddresses
    from pressmark.service.peers.remote_spools import RemoteSpools
    from pressmark.service.peers.signatures import Signatures

    return RemoteSpools(SpoolAddresses(database), Signatures(database, now=epochs.now), own=settings.worker.name)


def open_clock(service: Service, queued: Callable[[], object] = lambda: None) -> Clock:
    """Build the clock of a service, not yet started. `queued` is called when it has queued runs."""
    from scheduler.clock import Clock
    from scheduler.timekeeper import Timekeeper
    from scheduler.timetables.shared_time import SharedTime

    settings = service.settings

    def no_room() -> str | None:
        spool = settings.spool_path
        used = fraction_of(spool, settings.spool.budget) if spool.is_dir() else 0.0
        return None if accepts_runs(used) else back_pressure(used)

    time = SharedTime(service.database, utc_now)
    timekeeper = Timekeeper(service.database, now=time, zone=settings.timezone, held_back=no_room, look=time.look)
    return Clock(timekeeper, service.sources, service.runs, service.events, now=utc_now, queued=queued)


def store_of(settings: Settings, patience: timedelta | None = None) -> ObjectStore:
    """Open the store that the settings name, with its replicas. Nothing is connected yet.

    A bucket that sends nothing for `patience` counts as unreachable; None is the right value for shipping.
    """
    first = _opened(settings.store_path, settings.s3, patience)
    if not settings.replicas:
        return first
    replicas = {
        name: _opened(None if replica.store == "s3" else Path(replica.store), replica.s3, patience)
        for name, replica in settings.replicas.items()
    }
    return Replicated(first, replicas)


def _opened(path: Path | None, s3: S3, patience: timedelta | None) -> ObjectStore:
    if path is not None:
        return open_store(path)
    from archive.store.s3 import S3Settings

    assert s3.bucket, "the settings see to it that a bucket is named"
    bucket = S3Settings(
        bucket=s3.bucket,
        prefix=s3.prefix.strip("/"),
        endpoint=s3.endpoint,
        region=s3.region,
        access_key=s3.access_key.get_secret_value() if s3.access_key else None,
        secret_key=s3.secret_key.get_secret_value() if s3.secret_key else None,
        ca=s3.ca_bundle,
        path_style=s3.path_style,
    )
    return open_store(replace(bucket, read_timeout=patience) if patience else bucket)


def target_of(settings: Settings, address: str) -> ObjectStore:
    """Open the target of a backup: a directory, or ``s3://bucket/prefix`` with the server and the keys of `s3`.

    Raises ValueError for an invalid address.
    """
    if not address.startswith("s3://"):
        return open_store(address)
    from archive.store import s3_settings_of

    s3, named = settings.s3, s3_settings_of(address)
    return open_store(
        replace(
            named,
            endpoint=named.endpoint or s3.endpoint,
            region=named.region or s3.region,
            access_key=s3.access_key.get_secret_value() if s3.access_key else None,
            secret_key=s3.secret_key.get_secret_value() if s3.secret_key else None,
            ca=named.ca or s3.ca_bundle,
            path_style=s3.path_style,
            read_timeout=_A_PERSON_WAITS,
        )
    )


def secrets_of(settings: Settings) -> list[str]:
    """Return what must never be shown or logged."""
    told = settings.notify
    known = (
        settings.token,
        settings.database,
        settings.feeds.token,
        settings.oidc.client_secret,
        settings.assistant.key,
        settings.s3.access_key,
        settings.s3.secret_key,
        told.mail.password,
        told.webhook.url,
        told.webhook.secret,
    )
    keys = (settings.signing.private_key, settings.signing.wacz_key)
    lines = (line for key in keys if key for line in key.get_secret_value().splitlines() if "-----" not in line)
    buckets = (replica.s3 for replica in settings.replicas.values())
    theirs = (key for s3 in buckets for key in (s3.access_key, s3.secret_key))
    values = (secret.get_secret_value() for secret in (*known, *theirs) if secret)
    services = told.apprise.urls.get_secret_value().split() if told.apprise.urls else []
    passwords = [password] if (password := password_of(settings.database_url)) else []
    return [*values, *services, *passwords, *hooks.secrets_of(settings.webhooks), *lines]
