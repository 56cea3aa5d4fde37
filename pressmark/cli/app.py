"""All commands under one name, in groups."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import pressmark
from pressmark.cli import add as adding
from pressmark.cli import articles, lists, review, similar, sources, spiders, threads, webhooks
from pressmark.cli import captures as kept
from pressmark.cli import cite as citing
from pressmark.cli import crawl as crawling
from pressmark.cli import diff as differing
from pressmark.cli import export as exporting
from pressmark.cli import exports as exported
from pressmark.cli import extract as extracting
from pressmark.cli import feeds as feeding
from pressmark.cli import ingest as importing
from pressmark.cli import mcp as models
from pressmark.cli import operate as operating
from pressmark.cli import run_texts as runtexts
from pressmark.cli import runs as ledger
from pressmark.cli import search as finding
from pressmark.cli.access import holds, people, site_login, takedowns, tokens
from pressmark.cli.access import trail as trailing
from pressmark.cli.care import audit as auditing
from pressmark.cli.care import backup as copying
from pressmark.cli.care import integrity, months, spool
from pressmark.cli.care import jobs as batching
from pressmark.cli.care import purge as purging
from pressmark.cli.care import qa as quality
from pressmark.cli.care import rebuild as rebuilding
from pressmark.cli.care import retention as retaining
from pressmark.cli.care import upgrade as upgrading
from pressmark.cli.following import watch_edit, watches
from pressmark.cli.runtime import GlobalOptions
from pressmark.cli.terminal.output import show

CRAWL = "Sources and crawls"
READ = "Use the archive"
CARE = "Maintain the archive"
SERVICE = "Service and settings"

_SHORT = 200
"""The first sentence of a command is wrapped, not cut, up to this many characters."""
_NAMES = {"int": "N", "float": "N", "Path": "PATH"}


class Commands(TyperGroup):
    """The root group. A command is in the group that its `rich_help_panel` names."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for parameter in _parameters(self):
            _name_value(parameter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        shown = [one for one in self.commands.values() if not one.hidden]
        width = max(len(one.name or "") for one in shown)
        groups = [getattr(one, "rich_help_panel", None) for one in shown]
        for group in dict.fromkeys(groups):
            commands = [one for one, its in zip(shown, groups, strict=True) if its == group]
            with formatter.section(group or "Commands"):
                rows = [((one.name or "").ljust(width), one.get_short_help_str(_SHORT)) for one in commands]
                formatter.write_dl(rows)


def _parameters(command: Any) -> Iterator[Any]:
    yield from command.params
    for inner in getattr(command, "commands", {}).values():
        yield from _parameters(inner)


def _name_value(parameter: Any) -> None:
    """Show ``--name TEXT`` for ``--name <str>``; an argument has a name already, and needs no type beside it."""
    if parameter.param_type_name == "argument":
        vars(parameter)["display_type_rich"] = lambda ctx: None
    elif parameter.metavar is None and not parameter.type_descriptor.is_choice:
        described = parameter.bare_type().removeprefix("list[").rstrip("]")
        parameter.metavar = _NAMES.get(described, "TEXT")


app = typer.Typer(
    name="pressmark",
    cls=Commands,
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
    """Return the home. An empty value counts as an unset variable, and must not mean the working directory."""
    if not str(given):
        raise typer.BadParameter("the path of the directory is empty; give a path, or leave out --home")
    return Path(given)


@app.callback()
def everywhere(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            parser=_home,
            metavar="PATH",
            help="Directory (home) in which Pressmark keeps all its data. The default is the value of the "
            "environment variable PRESSMARK_HOME, or else ./pressmark-home.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only the result.")] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "-v", "--verbose", count=True, show_default=False, help="Print more details; with -vv, print everything."
        ),
    ] = 0,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Archive forums and science and technology news sites on a schedule, as verifiable WARC files.

    A source is a site that Pressmark archives. A run is one crawl of a source. A capture is one archived version of a
    page.

    \b
    pressmark add https://example.org/news/ --every 6h
    pressmark run example-org
    pressmark serve
    pressmark snapshot get https://example.org/news/1
    """
    context.obj = GlobalOptions(home, -1 if quiet else verbose)


app.command("add", rich_help_panel=CRAWL)(adding.add)
app.command("run", rich_help_panel=CRAWL)(crawling.run)
app.command("login", rich_help_panel=CRAWL)(site_login.login)
app.command("archive", rich_help_panel=CRAWL)(crawling.archive)
sources.source.command("export")(lists.export_sources)
sources.source.command("import")(lists.import_sources)
sources.source.command("apply")(lists.apply)
sources.source.command("pull")(lists.pull)
sources.source.command("versions")(lists.versions)
app.add_typer(sources.source, name="source", rich_help_panel=CRAWL)
ledger.runs.command("review")(review.review)
ledger.runs.command("mark")(review.mark)
ledger.runs.command("marks")(review.marks)
ledger.runs.command("text")(runtexts.text)
ledger.runs.command("items")(spiders.items)
app.add_typer(ledger.runs, name="runs", rich_help_panel=CRAWL)
app.add_typer(ledger.timetable, name="timetable", rich_help_panel=CRAWL)
app.command("pause", rich_help_panel=CRAWL)(ledger.pause)
app.command("resume", rich_help_panel=CRAWL)(ledger.resume)
app.command("search", rich_help_panel=READ)(finding.search)
app.command("captures", rich_help_panel=READ)(kept.captures)
kept.snapshot.command("cite")(citing.cite)
kept.snapshot.command("note")(review.note)
kept.snapshot.command("notes")(review.notes)
app.add_typer(kept.snapshot, name="snapshot", rich_help_panel=READ)
app.command("shell", rich_help_panel=READ)(spiders.shell)
app.command("diff", rich_help_panel=READ)(differing.diff)
app.command("article", rich_help_panel=READ)(articles.article)
app.command("thread", rich_help_panel=READ)(threads.thread)
app.command("similar", rich_help_panel=READ)(similar.similar)
app.command("feed", rich_help_panel=READ)(feeding.feed)
for name, command in watch_edit.COMMANDS.items():
    watches.watches.command(name)(command)
app.add_typer(watches.watches, name="watches", rich_help_panel=READ)
app.command("why", rich_help_panel=READ)(kept.why)
app.command("export", rich_help_panel=READ)(exporting.export)
app.add_typer(exported.exports, name="exports", rich_help_panel=READ)
app.command("ingest", rich_help_panel=CARE)(importing.ingest)
app.command("extract", rich_help_panel=CARE)(extracting.extract)
app.command("verify", rich_help_panel=CARE)(integrity.verify)
app.command("qa", rich_help_panel=CARE)(quality.qa)
app.command("rebuild", rich_help_panel=CARE)(rebuilding.rebuild)
app.command("purge", rich_help_panel=CARE)(purging.purge)
app.command("retention", rich_help_panel=CARE)(retaining.retention)
app.command("audit", rich_help_panel=CARE)(auditing.audit)
app.command("backup", rich_help_panel=CARE)(copying.backup)
app.command("restore", rich_help_panel=CARE)(copying.restore)
app.command("serve", rich_help_panel=SERVICE)(operating.serve)
app.command("mcp", rich_help_panel=SERVICE)(models.mcp)
app.command("doctor", rich_help_panel=SERVICE)(operating.doctor)
app.command("upgrade", rich_help_panel=SERVICE)(upgrading.upgrade)
app.add_typer(spool.spool, name="spool", rich_help_panel=CARE)
app.add_typer(months.months, name="months", rich_help_panel=CARE)
app.add_typer(batching.jobs, name="jobs", rich_help_panel=CARE)
app.add_typer(operating.config, name="config", rich_help_panel=SERVICE)
app.add_typer(people.user, name="user", rich_help_panel=SERVICE)
app.add_typer(tokens.token, name="token", rich_help_panel=SERVICE)
app.add_typer(takedowns.takedown, name="takedown", rich_help_panel=SERVICE)
app.add_typer(holds.hold, name="hold", rich_help_panel=SERVICE)
app.command("trail", rich_help_panel=SERVICE)(trailing.trail)
app.add_typer(webhooks.webhooks, name="webhooks", rich_help_panel=SERVICE)
app.command("work", hidden=True)(operating.work)
app.command("answer", hidden=True)(operating.answer)


def narrowed(everything: typer.Typer, command: str | None) -> typer.Typer:
    """Return the app with that command or group alone, as making the others costs 50 ms. All of it for another name."""
    commands = [each for each in everything.registered_commands if each.name == command]
    groups = [each for each in everything.registered_groups if each.name == command]
    if command is None or not (commands or groups):
        return everything
    one = copy.copy(everything)
    one.registered_commands, one.registered_groups = commands, groups
    return one
