"""Options and arguments that several commands share, and their shell completion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from config.settings import Settings

_RUNS = 50
"""The number of newest runs offered; an older id has to be typed."""


def source_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of sources that begin so."""
    return _offered(context, incomplete, _names)


def run_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Return the ids of the newest runs that begin so, the newest first."""
    return _offered(context, incomplete, _runs)


def _offered(context: typer.Context, incomplete: str, known: Callable[[Settings], Iterator[str]]) -> list[str]:
    """Return the completions; none when the home does not exist (it is not created) or can't be read."""
    with suppress(Exception):  # an error message would appear in the middle of the command line
        from config.settings import load_settings

        settings = load_settings({"home": context.find_root().params.get("home")})
        if settings.home.is_dir():
            return [name for name in known(settings) if name.startswith(incomplete)]
    return []


def _names(settings: Settings) -> Iterator[str]:
    from config.load import Sources

    return (source.name for source in Sources(settings.sources))


def _runs(settings: Settings) -> Iterator[str]:
    from pressmark.service.assembly import open_pressmark

    with open_pressmark(settings) as service:
        yield from [run.id for run in service.runs_of(None, None, limit=_RUNS)]


Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for other programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what the command would do, without doing it.")]
OfSource = Annotated[
    str | None,
    typer.Option("--source", metavar="NAME", help="Only this source (archived site).", autocompletion=source_names),
]
Compress = Annotated[
    Literal["zst", "gz"] | None,
    typer.Option(
        help="How to compress a jsonl or cdxj file. By default, the ending of the file name decides: .zst or .gz."
    ),
]
