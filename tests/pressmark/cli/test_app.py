from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from pressmark.cli import main
from pressmark.cli.app import app


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, *path, name)


EVERY = list(commands(typer.main.get_command(app)))


def help_of(capsys: pytest.CaptureFixture[str], *path: str) -> str:
    with pytest.raises(SystemExit):
        main([*path, "--help"])
    return capsys.readouterr().out


def test_commands_are_grouped_and_each_is_in_one_group(capsys: pytest.CaptureFixture[str]) -> None:
    shown = help_of(capsys)
    groups = re.split(r"^(\S.*):$", shown[shown.index("Options:") :], flags=re.MULTILINE)[3:]
    listed = re.findall(r"^  (\S+)  ", "".join(groups[1::2]), re.MULTILINE)

    assert groups[::2] == ["Sources and crawls", "Use the archive", "Maintain the archive", "Service and settings"]
    assert sorted(listed) == sorted(path[0] for path in EVERY if len(path) == 1 and path[0] not in ("answer", "work"))
    assert "..." not in shown.partition("Options:")[2]


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_shows_no_python_types_and_no_empty_defaults(
    capsys: pytest.CaptureFixture[str], path: tuple[str, ...]
) -> None:
    shown = help_of(capsys, *path)

    assert re.findall(r"<(?:str|int|float|file|path|list)\b.*?>|default: 0\]", shown) == []
