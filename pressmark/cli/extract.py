"""pressmark extract: extract texts from captures again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import DryRun, Json, OfSource
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, show_json, show_sentence
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.intake.reextraction import Task, Which
    from pressmark.cli.runtime import GlobalOptions
    from pressmark.service.service import Service

_LOOK_EVERY = 1.0
"""Seconds between two looks at what services have extracted."""

Time = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time in UTC as YYYYMMDDhhmmss, or only its first digits (2026, 202601), or a date such as 2026-01-31.",
    ),
]


@reported
def extract(
    context: typer.Context,
    *,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also replace the texts that an older version of Pressmark extracted."),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Extract the text of all pages again, even if this version of Pressmark has already extracted it.",
        ),
    ] = False,
    source: OfSource = None,
    collection: Annotated[str | None, typer.Option(help="Only this collection (group of sources).")] = None,
    url: Annotated[str | None, typer.Option(help="Only URLs that begin with this text.")] = None,
    since: Time = None,
    until: Time = None,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Let services with the role read extract the texts, on all machines, and wait for them. If the "
            "command is interrupted, they continue; 'pressmark jobs cancel extraction' ends that.",
        ),
    ] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Extract text from archived pages that have none yet. With --again, also replace texts that an older version of
    Pressmark extracted.

    The command does not change WARC files. If the command is interrupted, run it again: it continues where it stopped.

    \b
    pressmark extract --again --dry-run
    pressmark extract --again --source example-org --since 2026
    pressmark extract --again --queue
    """
    from pressmark.cli.terminal.progress import counting
    from pressmark.service.readers import reading_jobs
    from pressmark.upkeep.exports import selection_of
    from pressmark.upkeep.extractions import read_again, rereading

    which: Which = "all" if everything else "older" if again else "unread"
    door = door_of(context)
    with door.opened() as service, rereading(service) as reader:
        chosen: dict[str, Any] = {
            "source": source,
            "collection": collection,
            "url": url,
            "since": since,
            "until": until,
        }
        tasks = reader.tasks(selection_of(service, **chosen), which)
        if not dry_run:
            record(context, service, source or url or "", after={"which": which, **chosen})
        if queue and not dry_run:
            _queue(door, service, tasks, json=json)
            return
        with counting("WARC files", quiet=door.verbosity < 0 or json) as count:
            for done in read_again(reader, tasks, reading_jobs(service), 0 if dry_run else None):
                count(done.segments, len(tasks))
    if json:
        show_json(done)
    elif dry_run:
        show_sentence(
            f"the command would extract {counted(done.left_texts, 'text')} from "
            f"{counted(done.left_segments, 'WARC file')}"
        )
    else:
        texts, segments = counted(done.texts, "text"), counted(done.segments, "WARC file")
        show_sentence(f"{texts} extracted from {segments}; {done.changed} changed, {done.failed} failed")
    if done.failed:
        pages = counted(done.failed, "page")
        raise fail(f"the text of {pages} could not be extracted again; the earlier text stays", Exit.PARTIAL)


def _queue(door: GlobalOptions, service: Service, tasks: list[Task], *, json: bool) -> None:
    """Leave the tasks to services with the role read, and wait for them."""
    from time import sleep

    from pressmark.cli.terminal.progress import counting
    from pressmark.service.readers import reading_jobs
    from pressmark.upkeep.extractions import queue

    def wait() -> None:
        if not service.roles_seen.has("read"):
            files = counted(done.left_segments, "WARC file")
            raise fail(
                f"texts still have to be extracted from {files}, but no running service has the role read",
                Exit.TEMPORARY,
                "start one with the command: pressmark serve --role read; it begins with these files",
            )
        sleep(_LOOK_EVERY)

    with counting("WARC files", quiet=door.verbosity < 0 or json) as count:
        for done in queue(reading_jobs(service), tasks, wait):
            count(done.segments - done.left_segments, done.segments)
    if json:
        show_json(done)
    if done.cancelled_segments:
        files = counted(done.cancelled_segments, "WARC file")
        raise fail(
            f"someone cancelled the extraction of the texts of {files}",
            Exit.PARTIAL,
            "the earlier texts stay; to continue, run the command again",
        )
    if not json:
        files = counted(done.segments - done.left_segments, "WARC file")
        show_sentence(f"services with the role read have extracted the texts of {files}")
    if done.failing_segments:
        files = counted(done.failing_segments, "WARC file")
        raise fail(f"the texts of {files} could not be extracted; Pressmark tries again automatically", Exit.PARTIAL)
