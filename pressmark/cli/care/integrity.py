"""The commands that check the archive and rebuild its index: `verify` and `rebuild`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.values.errors import Finding
    from pressmark.upkeep.audit_store import CheckedObject

_SHIPPED_WITHIN = 300.0


@reported
def verify(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="WARC and WACZ files to verify.", metavar="[FILE]...")
    ] = None,
    *,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Verify all archived files: those that are still on this disk, and those in the store."
        ),
    ] = False,
    chain: Annotated[
        bool,
        typer.Option(
            "--chain",
            help="Check that nobody changed the lists of stored files (manifests), the history of runs "
            "and the time stamps. This does not read WARC files.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Verify that WARC and WACZ files are complete and undamaged.

    The command reads each file in full, compares all checksums and lengths, and checks the signature of WACZ files.
    With --all, it also checks the index, the texts, and the file lists (manifests) with their signatures. If anything
    is wrong, the exit code is 10.

    \b
    pressmark verify some.warc.gz out.wacz
    pressmark verify --all
    pressmark verify --chain
    """
    from archive.export.wacz_check import check as verify_wacz
    from archive.warc.integrity.verify import verify as verify_warc
    from pressmark.cli.terminal.progress import BYTES, counting
    from pressmark.upkeep.audit import audit, audit_chain, sizes
    from pressmark.upkeep.audit_store import CheckedObject

    if [bool(files), everything, chain].count(True) != 1:
        raise fail("say what to verify: names of files, --all or --chain", Exit.USAGE)
    door = door_of(context)
    quiet = door.verbosity < 0 or json
    if files:
        for file in files:
            if not file.is_file():
                raise fail(f"file not found: {file}", Exit.NOT_FOUND)
        checks = ((file, verify_wacz if file.suffix == ".wacz" else verify_warc) for file in files)
        checked = (CheckedObject(str(file), tuple(check(file))) for file, check in checks)
        with counting(BYTES, quiet=quiet) as count:
            _print_checked(_weighed(checked, {str(file): file.stat().st_size for file in files}, count), json=json)
        return
    if chain:
        with door.opened() as service:
            _print_checked(audit_chain(service), json=json)
        return
    with door.opened() as service, counting(BYTES, quiet=quiet) as count:
        _print_checked(_weighed(audit(service), sizes(service), count), json=json)


def _weighed(
    checked: Iterable[CheckedObject], sizes: Mapping[str, int], count: Callable[[int, int], None]
) -> Iterator[CheckedObject]:
    """Count the bytes of the checked files."""
    done, total = 0, sum(sizes.values())
    for one in checked:
        done += sizes.get(one.name, 0)
        count(done, total)
        yield one


def _print_checked(checked: Iterable[CheckedObject], *, json: bool) -> None:
    from dataclasses import asdict

    seen = 0
    wrong: list[Finding] = []
    for one in checked:
        seen += 1
        wrong += one.findings
        if not json:
            show(f"{one.name}: {translate(counted(len(one.findings), 'problem')) if one.findings else 'ok'}")
            for finding in one.findings:
                show(f"  {finding.offset if finding.offset is not None else '-'} {finding.kind}: {finding.sentence}")
    if json:
        show_json({"checked": seen, "findings": [asdict(finding) for finding in wrong]})
    if wrong:
        raise typer.Exit(Exit.INTEGRITY)


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
    json: Json = False,
) -> None:
    """Rebuild the index (the list of all captures) from the archived files, for example after the database is lost.

    The command first completes the files on this disk that an interruption left unfinished, and then reads the store.
    It adds to the database what is missing there: captures, texts, source files, and the history of runs.

    \b
    pressmark rebuild
    """
    from dataclasses import asdict

    from archive.intake.rebuild import Rebuild
    from archive.store.failover import unlisted, with_failover
    from archive.texts.preparing_pool import PreparingPool
    from pressmark.cli.terminal.progress import counting
    from pressmark.processes.worker_threads import open_worker_parts
    from pressmark.service.core_count import number_of
    from pressmark.upkeep.items_back import bring_items_back
    from pressmark.upkeep.ledger.decisions_back import bring_decisions_back
    from pressmark.upkeep.ledger.restoring import restore

    door = door_of(context)
    with (
        door.opened(mending=True) as service,
        PreparingPool(number_of(service.settings.reading.readers)) as pool,  # before the worker keeps to one core
        open_worker_parts(service, healing=False, saving=False) as worker,
    ):
        record(context, service, after={"full": full, "accept_lost_decisions": accept_lost_decisions})
        worker.shipper.drain(_SHIPPED_WITHIN)
        decided = bring_decisions_back(service, accepts_loss=accept_lost_decisions)  # before what they hide
        store = with_failover(service.store)
        with counting("WARC files", quiet=door.verbosity < 0 or json) as count:
            rebuilt = Rebuild(
                store,
                service.index,
                level="full" if full else "quick",
                trust=service.keys.trust,
                progress=lambda so_far: count(so_far.done, so_far.total),
                run_texts=service.settings.reading.run_texts,
                pool=pool,
            ).run()
        restored = restore(service)
        runs = bring_items_back(service)
        away = (*unlisted(store), *service.items.unlisted())
    findings = tuple(dict.fromkeys((*away, *rebuilt.findings, *restored.findings)))
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
