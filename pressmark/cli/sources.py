"""pressmark source …: the sites that are archived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json, Yes, source_names
from pressmark.cli.runtime import GlobalOptions, agreed, door_of, fail, reported
from pressmark.cli.terminal.language import translate, word
from pressmark.cli.terminal.output import print_note, show, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from config.errors import ConfigError
    from config.source import Source

source = typer.Typer(
    no_args_is_help=True, help="Manage the sources: the sites that Pressmark archives.", rich_markup_mode=None
)

Name = Annotated[
    str,
    typer.Argument(
        help="Name of the source, as in `pressmark source list`.", metavar="NAME", autocompletion=source_names
    ),
]

_SEEDS_SHOWN = 3


@source.command("list")
@reported
def list_sources(context: typer.Context, json: Json = False) -> None:
    """List the archived sites (sources), failing ones first.

    \b
    pressmark source list --json
    """
    from pressmark.views.describe import source_errors
    from pressmark.views.source_lines import source_lines

    with door_of(context).opened() as service:
        if json:
            from pressmark.views.describe import source_shapes

            shapes = source_shapes(service)
            show_json({"items": shapes, "errors": source_errors(service)})
            return
        lines = source_lines(service)
        errors = source_errors(service)
    head = ("source", "state", "walk", "timetable", "next", "seeds")
    rows = [
        (line.name, line.state, line.walk, line.timetable or "-", _second(line.next), _few(line.seeds))
        for line in lines
    ]
    show_table(
        head,
        rows,
        words=("state", "walk", "timetable"),
        empty="there are no sources (archived sites) yet; to add one, use 'pressmark add URL'",
    )
    for error in errors:
        print_note(f"error: {error}")


def _few(seeds: Sequence[str]) -> str:
    more = len(seeds) - _SEEDS_SHOWN
    return " ".join(seeds[:_SEEDS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _second(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else "-"


@source.command("show")
@reported
def show_source(context: typer.Context, name: Name, json: Json = False) -> None:
    """Show a source (an archived site), its state and its file.

    \b
    pressmark source show example-org
    """
    from pressmark.views.describe import source_shape

    with door_of(context).opened() as service:
        shape = source_shape(service, name)
    if json:
        show_json(shape)
        return
    show(f"# {shape.file}: {word(shape.state)}{f' ({translate(shape.problem)})' if shape.problem else ''}")
    show(Path(shape.file).read_text("utf-8").rstrip())


@source.command("check")
@reported
def check(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME|FILE]", autocompletion=source_names)] = None,
    *,
    json: Json = False,
) -> None:
    """Check source files for mistakes: all of them, the one of a site, or a given file. A source file describes an
    archived site.

    \b
    pressmark source check
    pressmark source check sources/example.yaml
    """
    from config.errors import ConfigError
    from pressmark.service.access.source_facts import in_text

    good: list[Source] = []
    errors: list[ConfigError] = []
    try:
        good, errors = _checked(door_of(context), name)
    except ConfigError as error:
        errors = [error]
    said = [in_text(str(error)) for error in (*errors, *_spiders(door_of(context), good))]
    warnings = [line for each in good for line in _slow_patterns(each)]
    if json:
        names = [each.name for each in good]
        show_json({"good": names, "errors": said, "warnings": warnings})
    else:
        for line in said or (f"{each.name}: ok" for each in good):
            show(line)
        for line in warnings:
            show(f"warning: {line}")
    if said:
        raise typer.Exit(Exit.CONFIG)


def _spiders(door: GlobalOptions, sources: list[Source]) -> list[ConfigError]:
    """Return what is wrong with the spiders that sources name, and remove those sources."""
    from config.errors import ConfigError, Problem
    from crawler.userspiders.usability_check import why_not_usable

    found = []
    for source in [one for one in sources if one.spider]:
        settings = door.settings()
        worker = settings.worker
        if why := why_not_usable(
            source,
            settings.home / "spiders",
            settings.permissions,
            confined=worker.confine_spiders,
            scrapy=worker.scrapy,
        ):
            found.append(ConfigError(Problem(f"{source.name}: {why}", "spider", source.spider)))
            sources.remove(source)
    return found


def _slow_patterns(source: Source) -> Iterator[str]:
    """Return the regular expressions of a scope that backtrack, a sentence each."""
    from config.values.pattern import Pattern

    scope = source.scope
    for key, places in (("include", scope.include), ("exclude", scope.exclude)):
        for place in (place for place in places if place.startswith("re:")):
            if probe := Pattern(place[3:]).slow_on():
                shown = probe if len(probe) < 60 else f"{probe[:40]}…{probe[-1]}"
                yield (
                    f"{source.name}: scope.{key} {place!r} backtracks, e.g. on {shown!r}; URLs that take "
                    "too long to match are skipped"
                )


def _checked(door: GlobalOptions, name: str | None) -> tuple[list[Source], list[ConfigError]]:
    """Return the valid sources, and what is wrong with the others."""
    from config.load import Sources, load_file
    from config.source_files.run_problems import run_problems

    if name is not None and (name.endswith((".yaml", ".yml")) or "/" in name):
        given = list(load_file(Path(name)))
        return given, run_problems(((Path(name), one) for one in given), door.settings().permissions)
    directory = Sources(door.settings().sources)
    if name is None:
        errors, found = list(directory.errors), directory.some(directory.names)
    else:
        wanted, owners = directory.file_of(name), directory.valid.owners
        errors = [error for error in directory.errors if error.file == wanted]
        found = directory.some(one for one in directory.names if owners[one].file == wanted.name)
    described = ((directory.file_of(one.name), one) for one in found)
    return found, errors + run_problems(described, door.settings().permissions)


@source.command("pause")
@reported
def pause(
    context: typer.Context,
    name: Name,
    reason: Annotated[
        str | None, typer.Option(help="Why you pause the crawling. Lists and logs show this reason.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Pause a source: no new crawl of it starts, and a running crawl finishes.

    \b
    pressmark source pause example-org --reason "the site is being rebuilt"
    """
    from pressmark.views.describe import source_shape

    with door_of(context).opened() as service:
        service.sources.get(name)
        new = service.pauses.pause(name, reason)
        record(context, service, name)
        shape = source_shape(service, name)
    door_of(context).print_note(
        f"the source {name} is paused" if new else f"nothing changed: {name} was already paused"
    )
    if json:
        show_json(shape)


@source.command("resume")
@reported
def resume(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Crawl a paused source again, at its usual times.

    \b
    pressmark source resume example-org
    """
    from pressmark.views.describe import source_shape

    with door_of(context).opened() as service:
        service.sources.get(name)
        gone = service.pauses.resume(name)
        record(context, service, name)
        shape = source_shape(service, name)
    door_of(context).print_note(
        f"the source {name} is no longer paused" if gone else f"nothing changed: {name} was not paused"
    )
    if json:
        show_json(shape)


@source.command("remove")
@reported
def remove(context: typer.Context, name: Name, yes: Yes = False, *, json: Json = False) -> None:
    """Stop archiving a site, and delete its source file. The pages that are archived stay.

    \b
    pressmark source remove example-org --yes
    """
    from pressmark.service.access.trail import user_of_machine
    from pressmark.service.source_editing import remove_source

    with door_of(context).opened() as service:
        file = service.sources.file_of(name)
        if not yes and not agreed(f"Delete {file}?"):
            raise fail("nothing was deleted", Exit.ERROR, "to delete it without being asked, add --yes")
        before = service.facts_of(name)
        remove_source(service, name, user_of_machine())
        record(context, service, name, before=before)
    door_of(context).print_note(f"deleted the source file {file}; the archived pages of the source stay")
    if json:
        show_json({"source": name, "file": str(file), "removed": True})
