"""The language of the command line: Chinese if the locale asks for it, English otherwise.

Help texts, messages and table heads are translated by the catalog of the pages. JSON, data and exit codes never are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typer import Typer

_KINDS = ("error", "hint", "warning")
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_OF_TYPER = ("Usage", "Options", "Arguments", "Commands", "Show this message and exit.")


def language() -> str:
    """Return the tag of the language that the environment sets, as POSIX orders it: the first variable wins."""
    locale = next((found for name in _VARIABLES if (found := os.environ.get(name))), "")
    if not locale.startswith("zh"):
        return "en"  # the usual case: the catalog and its reader are not imported
    from pressmark.http.catalog import accepted

    return accepted(re.split(r"[.@]", locale)[0].replace("_", "-"))


def translate(text: str) -> str:
    """Translate a message of the packages or the commands, with its values filled in."""
    if (wanted := language()) == "en":
        return text
    from pressmark.cli.terminal.sentences import SENTENCES
    from pressmark.http.sentences import plain

    kind, _, what = text.partition(": ")
    if kind in _KINDS and what:
        return word(f"{kind}: %(what)s") % {"what": translate(what)}
    return plain(text, wanted, SENTENCES)


def word(text: str) -> str:
    """Translate a word or a text as it stands in the catalog."""
    if (wanted := language()) == "en":
        return text
    from pressmark.http.catalog import translator

    return str(translator(wanted)(text))


def phrase(text: str) -> str:
    """Translate a word or a message."""
    return known if (known := word(text)) != text else translate(text)


def translated(app: Typer) -> Any:
    """Return the command of an app with its help, and that of all commands below it, translated."""
    from typer.main import get_command

    command = get_command(app)
    if language() != "en":
        _map_help(command, word)
    return command


def help_texts(command: Any) -> Iterator[str]:
    """List every text of the help of a command and of all below it."""
    found: list[str] = list(_OF_TYPER)

    def collect(text: str) -> str:
        found.append(text)
        return text

    _map_help(command, collect)
    panels = (getattr(inner, "rich_help_panel", None) for inner in getattr(command, "commands", {}).values())
    found.extend(panel for panel in panels if isinstance(panel, str))
    yield from dict.fromkeys(found)


def _map_help(command: Any, change: Callable[[str], str]) -> None:
    command.help = _by_paragraph(command.help or "", change)
    command.context_class = _with_words(command.context_class, change)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = change(parameter.help)
    for inner in getattr(command, "commands", {}).values():
        _map_help(inner, change)


def _by_paragraph(text: str, change: Callable[[str], str]) -> str:
    """Split a text into paragraphs. Examples, which begin with a backspace, stay as they are."""
    paragraphs = (part.strip("\n") for part in text.split("\n\n") if part.strip())
    return "\n\n".join(part if part.startswith("\b") else change(" ".join(part.split())) for part in paragraphs)


def _with_words(context: Any, change: Callable[[str], str]) -> Any:
    class Formatter(context.formatter_class):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or f"{change('Usage')}: ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(change(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
            super().write_dl([(term, change(text)) for term, text in rows], *args, **kwargs)

    return type("Context", (context,), {"formatter_class": Formatter})
