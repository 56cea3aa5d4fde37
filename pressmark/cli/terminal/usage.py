"""Run a command. Report a usage error like any other error, in the language of the locale."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from typing import Any

from typer import Abort, TyperException

from pressmark.cli.terminal.output import print_error, print_note

_LAST = "Error: "
_VALIDATOR = "Value error, "
"""What pydantic puts before the sentence of a validator."""
_PLAIN = {
    "Input should be a valid integer, unable to parse string as an integer": "it must be a whole number, such as 10",
    "Input should be a valid number, unable to parse string as a number": "it must be a number, such as 0.5",
    "Input should be greater than or equal to ": "it must be at least ",
    "Input should be less than or equal to ": "it must be at most ",
    "Input should be greater than ": "it must be more than ",
    "Input should be less than ": "it must be less than ",
    _VALIDATOR: "",
}
"""Sentences of pydantic, with plain ones."""
_UNEXPECTED = re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", re.DOTALL)
"""A sentence of Typer, with the words that the command has no place for."""


def run(command: Any, arguments: Sequence[str]) -> None:
    """Run a command and end the process with its exit code."""
    try:
        code = command(args=list(arguments), prog_name="pressmark", standalone_mode=False)
    except TyperException as error:
        _print_usage(error)
        sys.exit(error.exit_code)
    except Abort:
        print_error("aborted")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _print_usage(error: Any) -> None:
    """Write how the command is called, where its help is, and the error."""
    written = io.StringIO()
    error.show(written)
    usage, _, sentence = written.getvalue().partition(_LAST)
    for line in usage.splitlines():
        print_note(line)
    if sentence:  # none for a command without arguments, which writes its help
        print_error(_plain(sentence))


def _plain(sentence: str) -> str:
    for theirs, ours in _PLAIN.items():
        sentence = sentence.replace(theirs, ours, 1)
    return _UNEXPECTED.sub(r"the command does not accept these words: \1", sentence)
