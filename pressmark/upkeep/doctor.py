"""Check everything that can be wrong with a home. Nothing is changed, not even by recovery."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from archive.database.database_name import where
from archive.index.unshipped import lost_from_spool
from archive.spool.recovery import inspect
from archive.spool.sealed import spools_in
from archive.spool.spool import holder_of
from archive.store.object_reader import octets_of
from archive.values.errors import DatabaseUnusable, IntegrityError, ObjectNotFound, StoreError
from archive.values.plural import counted
from archive.values.size import spoken_size
from archive.warc.keys import MANIFESTS
from archive.warc.manifest import Manifest
from config.errors import ConfigError
from config.settings import Settings
from config.source_files.run_problems import run_problems
from pressmark.service.access.source_facts import in_text
from pressmark.service.assembly import open_pressmark
from pressmark.service.database_repair import examine_database
from pressmark.service.exits import Exit, exit_of
from pressmark.service.index_state import examine_index
from pressmark.service.openid.states import ask_provider, examine_login
from pressmark.service.private_files import open_to_others
from pressmark.service.service import Service
from pressmark.service.states import Condition
from pressmark.upkeep.conditions import conditions, conditions_unopened, lacking, unlooked
from pressmark.upkeep.exports import wacz_signer
from pressmark.upkeep.fixity_states import examine_fixity
from pressmark.upkeep.ledger.decisions_back import examine_decisions
from pressmark.upkeep.litter import examine_litter
from pressmark.upkeep.lost_objects import examine_objects, lost_warcs
from pressmark.upkeep.orphans import examine_store
from pressmark.upkeep.purging import examine_purges

_NEWEST = 20

Progress = Callable[[int, int], None]


def examine_home(
    settings: Settings, *, store: bool = False, adopt: bool = False, progress: Progress = lambda done, total: None
) -> list[Condition]:
    """Examine all parts of a home; with `store` also missing objects and those that no manifest names.

    `adopt` imports the latter. `progress` gets how many manifests are done, and their total. A home that can't be
    opened, because of a full disk or a damaged database, is examined as far as possible.
    """
    with ExitStack() as stack:
        try:
            service = stack.enter_context(open_pressmark(settings))
        except (DatabaseUnusable, OSError) as error:
            return list(conditions_unopened(settings, error))
        found = list(examine(service))
        if store or adopt:
            found += [*examine_objects(service, progress), *examine_store(service, adopting=adopt)]
        return found


def examine(service: Service) -> Iterator[Condition]:
    """Examine all parts, those that the others need first."""
    ask_provider(service)
    known = list(conditions(service))
    for part, look in _PARTS:
        wrong = [one for one in known if one.part == part]
        yield from wrong
        try:
            found = [Condition(part, sentence, code) for sentence, code in look(service)]
        except Exception as error:
            yield from () if wrong else (unlooked(part, error),)
        else:
            yield from (one for one in found if not wrong or one.code != Exit.OK)
    yield from (one for one in known if one.part not in dict(_PARTS))


_Found = Iterator[tuple[str, Exit]]


def _home(service: Service) -> _Found:
    home, me = service.settings.home.absolute(), os.getuid()
    if os.access(home, os.W_OK | os.X_OK):
        yield str(home), Exit.OK
    else:
        why = f"Pressmark has no permission to write to {home}; to give the permission, run chown -R {me} {home}"
        yield why, Exit.ERROR


def _privacy(service: Service) -> _Found:
    exposed = open_to_others(service.settings.home.absolute())
    yield from ((sentence, Exit.CONFIG) for sentence in exposed)
    if not exposed:
        yield "only the user who runs this command can read the home (data directory)", Exit.OK


def _settings(service: Service) -> _Found:
    warnings = service.settings.warnings
    yield from ((warning, Exit.CONFIG) for warning in warnings)
    yield from () if warnings else (("no problems", Exit.OK),)


def _sources(service: Service) -> _Found:
    described = ((service.sources.file_of(source.name), source) for source in service.sources)
    for error in (*service.sources.errors, *run_problems(described, service.settings.permissions)):
        yield in_text(str(error)), Exit.CONFIG
    yield f"archived sites (sources): {len(service.sources)}", Exit.OK


def _space(service: Service) -> _Found:
    disk = shutil.disk_usage(service.settings.home)
    yield f"the disk has {spoken_size(disk.free)} free", Exit.OK


def _lock(service: Service) -> _Found:
    holder = holder_of(service.settings.spool_path)
    yield (
        (
            (f"a process writes archived files at the moment: {holder}")
            if holder
            else "no process writes archived files at the moment"
        ),
        Exit.OK,
    )


def _recovery(service: Service) -> _Found:
    """Return what the next start would do to segments that a crash left open."""
    found = list(inspect(service.settings.spool_path))
    for one in found:
        yield one.sentence, Exit.OK if one.readable and not one.lost else Exit.INTEGRITY
    if not found:
        yield "no interruption left an archive file unfinished", Exit.OK


def _captures(service: Service) -> _Found:
    if lost := lost_from_spool(service.database, spools_in(service.settings.home)):
        yield (
            "captures (archived versions of pages) whose files disappeared from the spool (directory of "
            "files that wait for their upload) before they were uploaded: "
            f"{sum(each.captures for each in lost):,}, the first file is {lost[0].path}; mount the disk of "
            "the spool, or restore the files; otherwise, the next start of pressmark serve or pressmark "
            "run marks these captures as lost, and the next runs archive their pages again",
            Exit.INTEGRITY,
        )
    else:
        yield "no capture (archived version of a page) is known to be damaged", Exit.OK


def _clock(service: Service) -> _Found:
    yield f"{service.now():%Y-%m-%d %H:%M:%S} UTC", Exit.OK


def _store(service: Service) -> _Found:
    where = service.settings.store_path or f"bucket {service.settings.s3.bucket}"
    try:
        found = next(iter(service.store.keys(MANIFESTS)), None)
        lost = lost_warcs(service)
    except StoreError as error:
        yield str(error), exit_of(error)
        return
    if lost:
        yield (
            f"WARC files that the store has lost: {len(lost):,}, e.g. {lost[0]}; 'pressmark doctor --store' lists all "
            "lost files, each with what to do",
            Exit.INTEGRITY,
        )
    else:
        yield f"the store {where} can be read{'' if found else ' and is still empty'}", Exit.OK


def _shipping(service: Service) -> _Found:
    waiting = len(service.index.segments("sealed"))
    yield (
        f"{counted(waiting, 'WARC file')} {'is' if waiting == 1 else 'are'} waiting to be uploaded to the store",
        Exit.OK,
    )


def _crawling(_service: Service) -> _Found:
    yield "no crawling process has paused its runs for lack of disk space", Exit.OK


def _signing(service: Service) -> _Found:
    """Check the signatures of the newest manifests; `pressmark verify --all` checks all of them."""
    keys = service.keys
    if service.settings.signing.wacz_key:
        try:
            yield (
                (
                    "'pressmark export --sign' can sign WACZ files (web archives in one file) with the key "
                    f"{wacz_signer(service).public}"
                ),
                Exit.OK,
            )
        except ConfigError as error:
            yield str(error), Exit.CONFIG
    if not keys.trust.keys:
        yield (
            ("the lists of stored files (manifests) are not signed; docs/how-to/sign.md says how to sign them"),
            Exit.OK,
        )
        return
    signs = (
        (f"the lists of stored files (manifests) are signed; others can check them with the public key {keys.public}")
        if keys.public
        else "Pressmark does not sign archived files, as the settings contain no key for signing"
    )
    yield (
        f"{signs}; public keys with which Pressmark can check signatures of others: {len(keys.trust.keys)}",
        Exit.OK,
    )
    shipped = [row.manifest_key for row in service.index.segments("committed", "releasing", "released")]
    newest = [key for key in shipped if key][-_NEWEST:]
    try:
        manifests = [Manifest.parse(octets_of(service.store, key), key) for key in newest]
    except (IntegrityError, ObjectNotFound) as error:
        yield str(error), Exit.INTEGRITY
    except StoreError as error:
        yield str(error), exit_of(error)
    else:
        findings = list(keys.trust.findings(manifests))
        yield from ((f"{finding.file}: {finding.sentence}", Exit.INTEGRITY) for finding in findings)
        if not findings and manifests:
            yield f"the newest lists of stored files (manifests: {len(manifests)}) have valid signatures", Exit.OK


def _database(service: Service) -> _Found:
    yield where(service.database.engine.url), Exit.OK
    yield from examine_database(service.settings)


def _readers(_service: Service) -> _Found:
    """Say what this kernel can't do to confine the processes that read foreign pages."""
    yield from ((sentence, Exit.OK) for sentence in lacking())
    if not lacking():
        yield (
            "the programs that extract text can't use the network or files; this protects the computer from "
            "harmful pages",
            Exit.OK,
        )


def _spiders(service: Service) -> _Found:
    """Say whether custom spiders are confined. Where the kernel can't, `conditions` says so."""
    confined = service.settings.worker.confine_spiders
    if not confined:
        yield (
            "your own spiders (crawling programs) are not isolated: they run with all rights of the "
            "service, as the setting worker.confine_spiders is false",
            Exit.OK,
        )
    elif not lacking():
        yield (
            "your own spiders (crawling programs) run isolated: they can't connect to the network "
            "themselves, and can use only their own files",
            Exit.OK,
        )
    elif confined != "auto":
        told = "your own spiders (crawling programs) can't run, because this computer can't isolate them"
        yield f"{told}: {'; '.join(lacking())}", Exit.CONFIG


def _browser(service: Service) -> _Found:
    """Say whether pages are drawn. Where no browser starts, `conditions` says so."""
    if any(source.draws for source in service.sources):
        yield f"pages can be rendered by the browser {service.settings.browser.executable}", Exit.OK
    else:
        yield "no source (archived site) needs a browser to render its pages", Exit.OK


_PARTS: tuple[tuple[str, Callable[[Service], _Found]], ...] = (
    ("home", _home),
    ("settings", _settings),
    ("sources", _sources),
    ("database", _database),
    ("space", _space),
    ("clock", _clock),
    ("spool", _lock),
    ("recovery", _recovery),
    ("captures", _captures),
    ("purges", examine_purges),
    ("store", _store),
    ("shipping", _shipping),
    ("index", examine_index),
    ("decisions", examine_decisions),
    ("crawling", _crawling),
    ("signing", _signing),
    ("readers", _readers),
    ("spiders", _spiders),
    ("browser", _browser),
    ("fixity", examine_fixity),
    ("litter", examine_litter),
    ("privacy", _privacy),
    ("login", examine_login),
)
