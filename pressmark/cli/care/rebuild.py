"""pressmark rebuild: fill the index from the archived files."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.intake.rebuild import Rebuilt
    from pressmark.service.service import Service
    from scheduler.ledger.decisions_restored import Decisions

_SHIPPED_WITHIN = 300.0


@reported
def rebuild(
    context: typer.Context,
    *,
    full: Annotated[
        bool,
        typer.Option("--full", help="Also read the WARC files in full, and check them for damage."),
    ] = False,
    accept_lost_decisions: Annotated[
        bool,
        typer.Option(
            "--accept-lost-decisions",
            help="Continue although files of the ledger are damaged or missing, and no copy of them is left: the "
            "take-downs and reviews in them are lost, and pressmark verify no longer reports the missing ones.",
        ),
    ] = False,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Let services with the role read add the captures and texts, on all machines, and wait for them. If "
            "the command is interrupted, they continue; repeat it then: it restores sources and runs at its end.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Rebuild the index (the list of all captures) from the archived files, for example after the database is lost.

    The command first completes the files on this disk that an interruption left unfinished, and then reads the store.
    It adds to the database what is missing there: captures, texts, source files, and the history of runs.

    \b
    pressmark rebuild
    pressmark rebuild --queue
    """
    from dataclasses import asdict

    from pressmark.upkeep.items_back import bring_items_back
    from pressmark.upkeep.ledger.restoring import restore

    door = door_of(context)
    asked = _Asked(full=full, accepts_loss=accept_lost_decisions, quiet=door.verbosity < 0 or json)
    with door.opened(mending=True) as service, ExitStack() as held:
        record(context, service, after={"full": full, "accept_lost_decisions": accept_lost_decisions, "queue": queue})
        decided, rebuilt = _in_jobs(service, asked) if queue else _here(held, service, asked)
        restored = restore(service)
        runs = bring_items_back(service)
        away = service.items.unlisted()
    findings = tuple(dict.fromkeys((*rebuilt.findings, *away, *restored.findings)))
    if json:
        facts = asdict(rebuilt) | {"runs_with_items": runs, "sources": restored.sources, **asdict(restored.rows)}
        facts["take_downs"] += decided.take_downs
        facts["reviews"] += decided.reviews
        facts["notes"] += decided.notes
        show_json(facts | {"findings": [asdict(finding) for finding in findings]})
    else:
        counts = {"WARC file": rebuilt.segments, "capture": rebuilt.captures, "text": rebuilt.texts}
        parts = [counted(count, noun) for noun, count in counts.items()]
        again = {"source": restored.sources, "run": restored.rows.runs}
        parts += [counted(count, noun) for noun, count in again.items() if count]
        parts += [f"items of {counted(runs, 'run')}"] if runs else []
        show(", ".join(map(translate, parts)))
        for finding in findings:
            show(f"  {finding.file}: {finding.sentence}")
    if findings:
        raise typer.Exit(Exit.INTEGRITY)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of a rebuild."""

    full: bool
    accepts_loss: bool
    quiet: bool


def _here(held: ExitStack, service: Service, asked: _Asked) -> tuple[Decisions, Rebuilt]:
    """Rebuild in this process, which holds the spool until the end."""
    from archive.intake.rebuild import Rebuild
    from archive.store.failover import unlisted, with_failover
    from archive.texts.preparing_pool import PreparingPool
    from pressmark.cli.terminal.progress import counting
    from pressmark.processes.worker_threads import open_worker_parts
    from pressmark.service.core_count import number_of
    from pressmark.upkeep.ledger.decisions_back import bring_decisions_back

    # before the worker keeps to one core
    pool = held.enter_context(PreparingPool(number_of(service.settings.reading.readers)))
    worker = held.enter_context(open_worker_parts(service, healing=False, saving=False))
    worker.shipper.drain(_SHIPPED_WITHIN)
    decided = bring_decisions_back(service, accepts_loss=asked.accepts_loss)  # before what they hide
    store = with_failover(service.store)
    with counting("WARC files", quiet=asked.quiet) as count:
        rebuilt = Rebuild(
            store,
            service.index,
            level="full" if asked.full else "quick",
            trust=service.keys.trust,
            progress=lambda so_far: count(so_far.done, so_far.total),
            run_texts=service.settings.reading.run_texts,
            pool=pool,
        ).run()
    return decided, replace(rebuilt, findings=(*unlisted(store), *rebuilt.findings))


def _in_jobs(service: Service, asked: _Asked) -> tuple[Decisions, Rebuilt]:
    """Upload what this disk has, unless a service does, and have services rebuild the index."""
    from archive.intake.rebuild import Rebuilt
    from archive.store.failover import unlisted, with_failover
    from archive.values.errors import SpoolLocked
    from pressmark.cli.care.jobs import awaited
    from pressmark.processes.worker_threads import open_worker_parts
    from pressmark.service.access.trail import user_of_machine
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.batches.kinds import wrong_in
    from pressmark.upkeep.ledger.decisions_back import bring_decisions_back

    with suppress(SpoolLocked), open_worker_parts(service, healing=False, saving=False) as worker:
        worker.shipper.drain(_SHIPPED_WITHIN)
    decided = bring_decisions_back(service, accepts_loss=asked.accepts_loss)  # before what they hide
    batches = batches_of(service)
    batch, _ = batches.request("rebuild", {"full": asked.full}, str(user_of_machine()))
    done = awaited(service, batch.id, quiet=asked.quiet).result or {}
    findings = [finding for one in wrong_in(batches.results(batch.id)) for finding in one.findings]
    away = unlisted(with_failover(service.store))
    return decided, Rebuilt(done["segments"], done["captures"], done["texts"], (*away, *findings))
