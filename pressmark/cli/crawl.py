"""pressmark run and archive: crawls requested by hand, followed to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json, source_names
from pressmark.cli.runtime import GlobalOptions, door_of, fail, reported
from pressmark.cli.terminal.output import print_note, show_json
from pressmark.service.exits import Exit, exit_of, exit_of_outcome

if TYPE_CHECKING:
    from pressmark.service.service import Service
    from scheduler.run import Run


@reported
def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of the sources to crawl (default: all).", metavar="[NAME]...", autocompletion=source_names
        ),
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Fetch every page now, including those that would be fetched at a later time.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Fetch every page now (as with --all), and download it in full even if the server says "
            "that it has not changed.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Crawl sources (added sites) now. The exit code is 0 if all pages were archived, 3 if some failed, 9 if the site
    blocked the crawl, 14 if a limit on pages or bytes ended it, 15 if a time limit did, and 1 if the crawl failed.

    \b
    pressmark run example-org
    pressmark run example-org --all
    pressmark run
    """

    def request(service: Service) -> list[Run]:
        wanted = [name for name in names or () if name != "all"] or not_paused(service)
        for name in wanted:
            _check_not_paused(service, service.sources.get(name).name)
        record(context, service, " ".join(wanted))
        return [service.request(name, everything=everything, in_full=force) for name in dict.fromkeys(wanted)]

    _see_through(door_of(context), request, json=json)


@reported
def archive(
    context: typer.Context,
    urls: Annotated[
        list[str],
        typer.Argument(
            help="URLs of the pages to archive. With -, the command reads them from standard input.", metavar="URL..."
        ),
    ],
    *,
    json: Json = False,
) -> None:
    """Archive single pages now, without adding their sites. If a page belongs to a site that was added, the settings
    of that site apply.

    \b
    pressmark archive https://example.org/news/1
    grep -o 'https://[^ ]*' notes.txt | pressmark archive -
    """
    wanted = _urls(urls)

    def request(service: Service) -> list[Run]:
        for url in wanted:
            _check_not_paused(service, service.source_of(url))
        record(context, service, " ".join(wanted))
        return [service.request_url(url) for url in wanted]

    _see_through(door_of(context), request, json=json)


def _urls(given: list[str]) -> list[str]:
    """Return the URLs of the command line and, for a `-`, those of standard input, one a line; each once, all valid."""
    import sys

    from config.values.urls import check_url

    lines = [line.strip() for line in sys.stdin] if "-" in given else []
    urls = [url for url in dict.fromkeys([one for one in given if one != "-"] + lines) if url]
    for url in urls:
        check_url(url)
    if not urls:
        raise fail(
            "the command needs the URL of a page",
            Exit.USAGE,
            "give the URL of a page; or write - and give one URL per line on standard input",
        )
    return urls


def not_paused(service: Service) -> list[str]:
    """Return the names of all sources that are not paused, and report the others."""
    there, pauses = list(service.sources.names), service.pauses.all()
    if not there:
        raise fail("there is no source (archived site) to crawl", Exit.NOT_FOUND, "run 'pressmark add URL' to add one")
    paused = [name for name in there if name in pauses]
    if len(paused) == len(there):
        return there
    for name in paused:
        print_note(f"the source {name} is paused, so this command does not crawl it")
    return [name for name in there if name not in paused]


def _check_not_paused(service: Service, name: str) -> None:
    from scheduler.pauses import EVERYTHING

    pauses = service.pauses.all()
    if EVERYTHING in pauses:
        raise fail("all crawling is paused", Exit.TEMPORARY, "run 'pressmark resume' to continue")
    if name in pauses:
        raise fail(f"the source {name} is paused", Exit.TEMPORARY, f"run 'pressmark source resume {name}' to continue")


def _see_through(door: GlobalOptions, ask: Callable[[Service], Sequence[Run]], *, json: bool) -> None:
    """Request runs, have them crawled (by the service if one is active), and exit with the worst code."""
    from pressmark.cli.terminal.progress import watching
    from pressmark.processes.run_follower import requeue_runs, see_through
    from pressmark.views.describe import run_shape
    from pressmark.views.run_log import not_due, phrase

    with door.opened(mending=True) as service:
        requeue_runs(service)
        runs = ask(service)
        try:
            with watching(quiet=door.verbosity < 0) as watch:
                over, unshipped = see_through(service, [run.id for run in runs], watch, door.print_note)
        except KeyboardInterrupt as error:
            unfinished = [run.id for run in runs if service.runs.get(run.id).status != "over"]
            door.print_note(f"interrupted; to continue {', '.join(unfinished) or 'nothing'}, run 'pressmark run' again")
            raise typer.Exit(exit_of(error)) from None
    for run in over:
        if count := not_due(run.dropped):
            door.print_note(
                f"{run.source}: {phrase('not-due', count)}; to fetch all pages now: pressmark run {run.source} --all"
            )
    if json:
        show_json({"items": [run_shape(run) for run in over]})
    if unshipped is not None:
        where = service.settings.spool_path
        hint = (
            f"the archived pages are safe in {where}; once this problem is solved, the next 'pressmark "
            "run' or 'serve' uploads them"
        )
        raise fail(str(unshipped), exit_of(unshipped), hint)
    codes = [exit_of_outcome(run.outcome or "failed", run.reason or "") for run in over]
    if wrong := [code for code in codes if code != Exit.OK]:
        raise typer.Exit(wrong[0])
