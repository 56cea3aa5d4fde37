"""The command line. Nothing slow is imported before a command needs it: `--help` must answer quickly.

No other room imports it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pressmark.cli.terminal.output import print_error
from pressmark.service.package_names import ForeignPackage, check_package_names

_GLOBAL_FLAGS = ("-q", "--quiet", "-v", "-vv", "--verbose")
_GLOBAL_OPTIONS = ("--home",)
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the console script. Exits with a code of `pressmark.service.exits`."""
    # Pydantic would read the metadata of every installed package to find plugins: none is needed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        check_package_names()
        from extractor.values.collector import for_a_command
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except ForeignPackage as error:
        print_error(str(error))
        sys.exit(1)
    with for_a_command():
        _run(list(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> None:
    try:
        from pressmark.cli.app import app, narrowed
        from pressmark.cli.terminal.language import translated
        from pressmark.cli.terminal.usage import run
    except KeyboardInterrupt:  # commands report it themselves, but none has started
        sys.exit(_INTERRUPTED)
    given = globals_first(arguments)
    run(translated(narrowed(app, command_in(given))), given)


def globals_first(arguments: list[str]) -> list[str]:
    """Move the options of all commands to the front, so that they may follow a command:

    ``pressmark run x --home /data``.
    """
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _GLOBAL_FLAGS or argument.startswith(tuple(f"{name}=" for name in _GLOBAL_OPTIONS)):
            first.append(argument)
        elif argument in _GLOBAL_OPTIONS:
            first += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            rest.append(argument)
    return first + rest


def command_in(arguments: Sequence[str]) -> str | None:
    """Return the command that the arguments of `globals_first` name; None when an option of `pressmark` comes first."""
    waiting = iter(arguments)
    for argument in waiting:
        if argument in _GLOBAL_OPTIONS:
            next(waiting, None)
        elif argument not in _GLOBAL_FLAGS and not argument.startswith(tuple(f"{name}=" for name in _GLOBAL_OPTIONS)):
            return None if argument.startswith("-") else argument
    return None
