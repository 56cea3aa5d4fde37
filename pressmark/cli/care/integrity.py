"""pressmark verify: check WARC and WACZ files, and everything archived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, show, show_json, show_sentence
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.index.unshipped import Holder, UnshippedSegment
    from archive.values.errors import Finding
    from pressmark.upkeep.audit_store import CheckedObject


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
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Only with --all: let services with the role read verify the store, on all machines, and wait for "
            "them. If the command is interrupted, they continue: 'pressmark jobs wait' waits for what is left.",
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
    pressmark verify --all --queue
    pressmark verify --chain
    """
    from archive.export.wacz_check import check as verify_wacz
    from archive.warc.integrity.verify import verify as verify_warc
    from pressmark.cli.terminal.progress import BYTES, counting
    from pressmark.upkeep.audit import audit, audit_chain, left_to_others, sizes
    from pressmark.upkeep.audit_store import CheckedObject

    if [bool(files), everything, chain].count(True) != 1:
        raise fail("say what to verify: names of files, --all or --chain", Exit.USAGE)
    if queue and not everything:
        raise fail("--queue works only together with --all", Exit.USAGE)
    door = door_of(context)
    quiet = door.verbosity < 0 or json
    if queue:
        _verify_in_jobs(context, quiet=quiet, json=json)
        return
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
        _print_checked(_weighed(audit(service), sizes(service), count), json=json, left=lambda: left_to_others(service))


def _verify_in_jobs(context: typer.Context, *, quiet: bool, json: bool) -> None:
    """Verify the files on this disk, have services verify the store, and print what both found."""
    from datetime import datetime

    from archive.index.unshipped import held_in_spools
    from pressmark.cli.care.jobs import awaited
    from pressmark.service.access.trail import user_of_machine
    from pressmark.service.readers import batches_of
    from pressmark.upkeep.audit import audit_spool, note_audit
    from pressmark.upkeep.batches.audit import named
    from pressmark.upkeep.batches.kinds import wrong_in

    door = door_of(context)
    with door.opened() as service:
        batches = batches_of(service)
        batch, _ = batches.request("audit", {}, str(user_of_machine()))
        here = list(audit_spool(service.settings.home))
        shape = awaited(service, batch.id, quiet=quiet)
        assert shape.result is not None, "it is done"
        in_store = dict(shape.result)
        wrong = [one for one in here if one.findings] + wrong_in(batches.results(batch.id))
        names, verified = [one.name for one in wrong], {one.name for one in here}
        spools = [one for one in held_in_spools(service.database) if one.path not in verified]
        in_store |= {"in_spools": len(spools), "not_verified": named(spools)}
        since, left_out = datetime.fromisoformat(in_store["since"]), any(one.state == "sealed" for one in spools)
        note_audit(service, names, since=since, left_out=left_out)
    if json:
        facts = {"id": batch.id, **in_store, "checked": in_store["checked"] + len(here)}
        show_json(facts | {"findings": [finding for one in wrong for finding in one.findings]})
    else:
        _show_findings(wrong)
        checked, segments = counted(in_store["checked"], "object"), counted(in_store["segments"], "WARC file")
        local = counted(len(here), "WARC file")
        show_sentence(f"verified by services: {checked} in the store, with {segments}; on this disk: {local}")
        show_sentence(f"with problems: {len(wrong)}")
        show_sentence(f"the first of these was verified at {in_store['since'][:19]} UTC")
        if in_store["later"]:
            later = counted(in_store["later"], "WARC file")
            show_sentence(f"not verified, as they were uploaded since: {later}")
        if in_store["in_spools"]:
            held = counted(in_store["in_spools"], "WARC file")
            show_sentence(f"not verified, as they are not in the store yet: {held}")
            _show_holders([(one.name, one.holder) for one in spools])
    if wrong:
        raise typer.Exit(Exit.INTEGRITY)


def _show_findings(wrong: Iterable[CheckedObject]) -> None:
    for one in wrong:
        show(f"{one.name}: {translate(counted(len(one.findings), 'problem'))}")
        for finding in one.findings:
            show(f"  {finding.offset if finding.offset is not None else '-'} {finding.kind}: {finding.sentence}")


def _show_holders(segments: Iterable[tuple[str, Holder]]) -> None:
    for name, holder in segments:
        show_sentence(f"  {name}: {holder}")


def _weighed(
    checked: Iterable[CheckedObject], sizes: Mapping[str, int], count: Callable[[int, int], None]
) -> Iterator[CheckedObject]:
    """Count the bytes of the checked files."""
    done, total = 0, sum(sizes.values())
    for one in checked:
        done += sizes.get(one.name, 0)
        count(done, total)
        yield one


def _print_checked(
    checked: Iterable[CheckedObject], *, json: bool, left: Callable[[], Sequence[UnshippedSegment]] = tuple
) -> None:
    """Print what was checked, and what is `left` to other machines after that."""
    from dataclasses import asdict

    from archive.index.unshipped import Holder

    seen = 0
    wrong: list[Finding] = []
    for one in checked:
        seen += 1
        wrong += one.findings
        if not json:
            show(f"{one.name}: {translate(counted(len(one.findings), 'problem')) if one.findings else 'ok'}")
            for finding in one.findings:
                show(f"  {finding.offset if finding.offset is not None else '-'} {finding.kind}: {finding.sentence}")
    others = left()
    if json:
        named = [{"segment": one.name, "worker": one.worker, "host": one.host} for one in others]
        show_json({"checked": seen, "findings": [asdict(finding) for finding in wrong], "not_verified": named})
    elif others:
        show_sentence(f"not verified, as they are only on other machines: {counted(len(others), 'WARC file')}")
        _show_holders([(one.name, Holder(one.worker, one.host)) for one in others])
    if wrong:
        raise typer.Exit(Exit.INTEGRITY)
