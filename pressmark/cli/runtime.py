"""What every command shares: the home, how much is said, and how errors become sentences and exit codes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from pressmark.cli.output import tell, tell_error
from pressmark.service.exits import Exit, exit_of

if TYPE_CHECKING:
    from config.settings import Settings
    from pressmark.service.service import Service

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_MAKE_ROOM = "make room on that disk; nothing that was acknowledged is lost"
_HINTS = {
    "SpoolLocked": "a pressmark is at work there; stop it, or use another --home",
    "AddressForbidden": "if the site is yours, allow its network: --allow-address 127.0.0.0/8",
    "PermissionError": f"the user with the id {os.getuid()} runs this; as root, chown -R {os.getuid()} the directory",
    "UnknownSource": "pressmark source list shows those that there are",
    "UnknownRun": "pressmark runs list shows those that there are",
    "CaptureNotFound": "pressmark captures URL shows what is kept; pressmark archive URL keeps a page now",
    "StoreUnreachable": "pressmark doctor tells more; nothing is lost meanwhile",
    "StoreDenied": "look at s3.access_key, s3.secret_key and the rights that they have; nothing is lost meanwhile",
    "DatabaseUnreachable": "look after the server of the database; what was acknowledged is kept without it",
    "DatabaseFull": _MAKE_ROOM,
    "DatabaseRefused": "look at the rights and limits of its user; what was acknowledged is kept without it",
    "DatabaseDamaged": "pressmark serve, run and rebuild set it aside and make a new one from the store",
    "DatabaseUnusable": "pressmark rebuild makes a new one from the store, once that one is moved aside",
}


@dataclass(frozen=True, slots=True)
class Door:
    """The options that stand before any command."""

    home: Path | None = None
    verbosity: int = 0
    """-1 quiet, 0 as usual, 1 and more verbose."""

    def settings(self, flags: Mapping[str, Any] | None = None) -> Settings:
        """The settings in force, under the flags of a command (dotted keys). Raises ConfigError."""
        from config.settings import load_settings

        settings = load_settings({"home": self.home, **(flags or {})})
        for warning in settings.warnings:
            self.tell(f"warning: {warning}")
        return settings

    @contextmanager
    def opened(self, *, mending: bool = False) -> Iterator[Service]:
        """The service of this home, for one command. See `open_pressmark` for `mending`."""
        from pressmark.cli.console_logging import listen
        from pressmark.service.assembly import open_pressmark

        listen(self.verbosity)
        with open_pressmark(self.settings(), mending=mending) as service:
            yield service

    def tell(self, text: str) -> None:
        """A line beside the answer, unless -q."""
        if self.verbosity >= 0:
            tell(text)


def door_of(context: typer.Context) -> Door:
    door = context.find_root().obj
    return door if isinstance(door, Door) else Door()


def reported(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Have the errors of a command told in a sentence, and ended in the exit code of their kind."""

    @functools.wraps(command)
    def reporting(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except BrokenPipeError:
            # Who read our answer has had enough; Python must not complain at its exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.ERROR) from None
        except KeyboardInterrupt as error:
            tell("interrupted")
            raise typer.Exit(exit_of(error)) from None
        except Exception as error:
            _tell(error)
            raise typer.Exit(exit_of(error)) from error

    return reporting


def agreed(question: str, *, default: bool = False) -> bool:
    """What a person says to a question; no, when nobody is there to answer."""
    try:
        return typer.confirm(question, default=default, err=True)
    except typer.Abort:
        tell("")
        return False


def fail(sentence: str, code: Exit, hint: str | None = None) -> typer.Exit:
    """To be raised: the sentence is told, and the command ends."""
    tell_error(sentence, hint)
    return typer.Exit(code)


def _tell(error: Exception) -> None:
    from pressmark.service.redaction import redaction

    known = exit_of(error) != Exit.ERROR or type(error).__module__.split(".")[0] in _OURS
    sentence = str(error) if known else f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        known, sentence = True, f"{error.filename}: {error.strerror}"
    if (cause := getattr(error, "orig", None)) is not None:  # SQLAlchemy says much more, on several lines
        sentence = f"the database says: {cause}"
    hint = next((_HINTS[each.__name__] for each in type(error).__mro__ if each.__name__ in _HINTS), None)
    tell_error(redaction.text(sentence), hint or (_MAKE_ROOM if exit_of(error) == Exit.DISK_FULL else None))
    if not known and os.environ.get("PRESSMARK_TRACEBACK"):
        import traceback

        traceback.print_exception(error)


_OURS = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
