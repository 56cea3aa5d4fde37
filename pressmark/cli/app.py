"""All commands under one name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import pressmark
from pressmark.cli import add as adding
from pressmark.cli import articles, lists, similar, sources, spiders, threads, webhooks
from pressmark.cli import captures as kept
from pressmark.cli import crawl as crawling
from pressmark.cli import diff as differing
from pressmark.cli import export as exporting
from pressmark.cli import extract as extracting
from pressmark.cli import feeds as feeding
from pressmark.cli import ingest as importing
from pressmark.cli import operate as operating
from pressmark.cli import run_texts as runtexts
from pressmark.cli import runs as ledger
from pressmark.cli import search as finding
from pressmark.cli.output import show
from pressmark.cli.runtime import Door

app = typer.Typer(
    name="pressmark",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"pressmark {pressmark.__version__}")
        raise typer.Exit


def _home(given: str | Path) -> Path:
    """An empty one is a variable that is not set, and must not mean the working directory."""
    if not str(given):
        raise typer.BadParameter("the path is empty")
    return Path(given)


@app.callback()
def everywhere(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(parser=_home, metavar="PATH", help="Directory for all data [PRESSMARK_HOME, ./pressmark-home]."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only print the result.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Verbose output.")] = 0,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Archive forums and science and technology news sites on a schedule, as verifiable WARC files.

    \b
    pressmark add https://example.org/news/ --every 6h
    pressmark run example-org
    pressmark serve
    pressmark snapshot get https://example.org/news/1
    """
    context.obj = Door(home, -1 if quiet else verbose)


app.command("add")(adding.add)
app.command("run")(crawling.run)
app.command("archive")(crawling.archive)
app.command("serve")(operating.serve)
app.command("captures")(kept.captures)
app.command("why")(kept.why)
app.command("diff")(differing.diff)
app.command("article")(articles.article)
app.command("similar")(similar.similar)
app.command("thread")(threads.thread)
app.add_typer(kept.snapshot, name="snapshot")
app.command("search")(finding.search)
app.command("feed")(feeding.feed)
app.command("verify")(kept.verify)
app.command("rebuild")(kept.rebuild)
app.command("extract")(extracting.extract)
app.command("export")(exporting.export)
app.command("ingest")(importing.ingest)
ledger.runs.command("text")(runtexts.text)
ledger.runs.command("items")(spiders.items)
app.add_typer(ledger.runs, name="runs")
sources.source.command("export")(lists.export_sources)
sources.source.command("import")(lists.import_sources)
app.add_typer(sources.source, name="source")
app.add_typer(ledger.timetable, name="timetable")
app.add_typer(operating.config, name="config")
app.add_typer(webhooks.webhooks, name="webhooks")
app.command("doctor")(operating.doctor)
app.command("pause")(ledger.pause)
app.command("resume")(ledger.resume)
app.command("work", hidden=True)(operating.work)
