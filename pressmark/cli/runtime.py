"""What every command shares: the home, the verbosity, and how errors become messages and exit codes."""

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

from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import print_error, print_note
from pressmark.service.exits import Exit, exit_of

if TYPE_CHECKING:
    from config.settings import Settings
    from pressmark.service.service import Service

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_MAKE_ROOM = "free some space on the disk that is named above; no archived page is lost"
_HINTS = {
    "SpoolLocked": "another Pressmark process is using this directory; stop it or use a different --home",
    "SpoolInUse": "stop that process first; its machine uploads what its spool has by itself",
    "WorkerNameTaken": (
        "give the crawling process of this machine a name that no other machine uses: set worker.name "
        "(PRESSMARK_WORKER__NAME)"
    ),
    "PermissionError": f"Pressmark runs as the user {os.getuid()}, who has no permission to write to this "
    f"directory; to give the permission, run as root: chown -R {os.getuid()} DIRECTORY",
    "UnknownSource": "run 'pressmark source list' to see all sources",
    "UnknownRun": "run 'pressmark runs list' to see all runs",
    "UnknownBatch": "run 'pressmark jobs list' to see all",
    "ExportMissing": "run 'pressmark exports list' to see all complete ones, 'pressmark jobs list' to see the others",
    "CaptureNotFound": "run 'pressmark captures URL' to see all captures, 'pressmark archive URL' to make one",
    "HomeNotEmpty": "use --home with a new directory, or move this one aside",
    "StoreUnreachable": "for details, run 'pressmark doctor'; no archived page is lost",
    "SpoolUnreachable": "start 'pressmark serve' on that machine, or wait until it has uploaded the file; no archived "
    "page is lost",
    "StoreDenied": "check the settings s3.access_key and s3.secret_key, and what this key may do; no archived "
    "page is lost",
    "DatabaseUnreachable": "check the database server; the pages archived so far are safe, as their files do not need "
    "the database",
    "DatabaseFull": _MAKE_ROOM,
    "DatabaseReadOnly": "if the database is a file, make the file and its directory writable for this user; if it is a "
    "server, let it accept writes",
    "DatabaseRefused": "check the rights and the limits of the database user; the pages archived so far are safe, "
    "as their files do not need the database",
    "DatabaseMissing": "if the database was moved, put it back; if it is lost, run 'pressmark rebuild', which builds a "
    "new one from the archived files; then repeat the command",
    "DatabaseReplaced": "run the command again: it then uses the new database",
    "DatabaseDamaged": "run 'pressmark serve', 'pressmark run' or 'pressmark rebuild': each keeps the damaged database "
    "under another name and builds a new one from the archived files",
    "DatabaseUnusable": "rename the damaged database, then run 'pressmark rebuild': it builds a new one from the "
    "archived files",
}


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options before any command."""

    home: Path | None = None
    verbosity: int = 0
    """-1 quiet, 0 as usual, 1 and more verbose."""

    def settings(self, flags: Mapping[str, Any] | None = None) -> Settings:
        """Return the effective settings, overridden by the flags of a command (dotted keys). Raises ConfigError."""
        from config.settings import load_settings

        settings = load_settings({"home": self.home, **(flags or {})})
        for warning in settings.warnings:
            self.print_note(f"warning: {warning}")
        return settings

    @contextmanager
    def opened(self, *, mending: bool = False) -> Iterator[Service]:
        """Open the service of this home, for one command. See `open_pressmark` for `mending`."""
        from pressmark.cli.terminal.console_logging import listen
        from pressmark.service.assembly import open_pressmark
        from pressmark.service.private_files import private_files
        from pressmark.service.store_silence import reporting_silence

        listen(self.verbosity)
        with (
            private_files(),
            open_pressmark(self.settings(), mending=mending) as service,
            reporting_silence(service.store.silence, self.print_note),
        ):
            yield service

    def print_note(self, text: str) -> None:
        """Write a line to stderr, unless -q."""
        if self.verbosity >= 0:
            print_note(text)


def door_of(context: typer.Context) -> GlobalOptions:
    door = context.find_root().obj
    return door if isinstance(door, GlobalOptions) else GlobalOptions()


def reported(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Report the errors of a command as a message, and exit with the code of their kind."""

    @functools.wraps(command)
    def reporting(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except BrokenPipeError:
            # The reader of our output has closed it; Python must not complain when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.ERROR) from None
        except KeyboardInterrupt as error:
            print_note("interrupted")
            raise typer.Exit(exit_of(error)) from None
        except Exception as error:
            raise fail_for(error) from error

    return reporting


def agreed(question: str, *, default: bool = False) -> bool:
    """Return the person's answer to a question; no, when nobody is there to answer."""
    try:
        return typer.confirm(translate(question), default=default, err=True)
    except typer.Abort:
        print_note("")
        return False


def fail(sentence: str, code: Exit, hint: str | None = None) -> typer.Exit:
    """Report an error, and return the exception that ends the command."""
    print_error(sentence, hint)
    return typer.Exit(code)


def fail_for(error: Exception) -> typer.Exit:
    """Report what went wrong, and return the exception that ends the command with the code of its kind."""
    _print_error(error)
    return typer.Exit(exit_of(error))


def _print_error(error: Exception) -> None:
    from pressmark.service.redaction import redaction

    known = exit_of(error) != Exit.ERROR or type(error).__module__.split(".")[0] in _OURS
    sentence = str(error) if known else f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        known, sentence = True, f"{error.filename}: {error.strerror}"
    if (cause := getattr(error, "orig", None)) is not None:  # SQLAlchemy's own message is much longer, on several lines
        sentence = f"database error: {cause}"
    print_error(redaction.text(sentence), _hint(error))
    if not known and os.environ.get("PRESSMARK_TRACEBACK"):
        import traceback

        print_note(redaction.text("".join(traceback.format_exception(error)).rstrip()))


def _hint(error: Exception) -> str | None:
    """Return what to do about an error."""
    from archive.values.os_errors import Meaning, meaning_of

    kinds = [kind.__name__ for kind in type(error).__mro__]
    if "AddressForbidden" in kinds:
        return _allowing(getattr(error, "network", None), getattr(error, "port", None))
    if meaning_of(error) is Meaning.READ_ONLY:
        return "mount the disk that is named above so that Pressmark can write to it; no archived page is lost"
    known = next((_HINTS[kind] for kind in kinds if kind in _HINTS), None)
    return known or (_MAKE_ROOM if exit_of(error) == Exit.DISK_FULL else None)


def _allowing(network: object, port: int | None) -> str | None:
    """Return how to allow what was refused; None where it should not be allowed."""
    if port:
        return f"if the site is yours, allow its port: --allow-port {port}"
    return f"if the site is yours, allow its network: --allow-address {network}" if network else None


_OURS = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
