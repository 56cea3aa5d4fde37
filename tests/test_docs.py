"""The documentation: every page is at most two clicks away; every command and source in it is valid."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from config.errors import ConfigError
from config.source_files.parse import parse_sources
from pressmark.cli.app import app

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s:]+\.md)(?:#[^)\s]*)?\)")
BLOCK = re.compile(r"^```(?:sh|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""Code blocks of a shell: named so, or without a name."""
INLINE = re.compile(r"`(pressmark [a-z-][^`]*)`")
NEXT = frozenset({";", "&&", "||", "|", "&", ">", "("})
"""Tokens of a shell after which another command, or something that is not an argument, begins."""


# --- the way to a page ------------------------------------------------------------------------------------------------


def pages(docs: Path) -> set[str]:
    return {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}


def navigation(docs: Path) -> list[str]:
    """Return the pages in the sidebar of the site, in order: those of the toctrees of index.md."""
    entries = [
        line
        for body in TOCTREE.findall((docs / "index.md").read_text("utf-8"))
        for line in body.splitlines()
        if line and not line.startswith(":")
    ]
    return [path.relative_to(docs).as_posix() for entry in entries for path in sorted(docs.glob(f"{entry}.md"))]


def clicks(docs: Path) -> dict[str, int]:
    """Return the smallest number of links from index.md to each page, without the sidebar."""
    found, ahead = {"index.md": 0}, ["index.md"]
    for page in ahead:
        for target in LINK.findall((docs / page).read_text("utf-8")):
            path = (docs / page).parent.joinpath(target).resolve()
            if (
                path.is_relative_to(docs.resolve())
                and (name := path.relative_to(docs.resolve()).as_posix()) not in found
            ):
                found[name] = found[page] + 1
                ahead.append(name)
    return found


def test_every_page_is_in_the_navigation_once() -> None:
    listed = navigation(DOCS)

    assert sorted(listed) == sorted(pages(DOCS) - {"index.md"})


def test_every_page_is_at_most_two_clicks_from_the_first() -> None:
    found = clicks(DOCS)

    assert pages(DOCS) - found.keys() == set()
    assert {page: count for page, count in found.items() if count > 2} == {}


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Docs with a page three clicks away, and one that no link leads to."""
    (tmp_path / "index.md").write_text("[a](a.md)\n\n```{toctree}\n:hidden:\n\na\nb\n```\n")
    (tmp_path / "a.md").write_text("[b](b.md#part)")
    (tmp_path / "b.md").write_text("[c](c.md)")
    (tmp_path / "c.md").write_text("")
    (tmp_path / "alone.md").write_text("")
    return tmp_path


def test_a_page_that_is_hard_to_find_is_detected(deep: Path) -> None:
    assert pages(deep) - {"index.md"} - set(navigation(deep)) == {"c.md", "alone.md"}
    assert pages(deep) - clicks(deep).keys() == {"alone.md"}
    assert clicks(deep)["c.md"] == 3


# --- commands ---------------------------------------------------------------------------------------------------------


def commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of `pressmark` in the sentences and code blocks of a page."""
    for written in INLINE.findall(re.sub(r"\s+", " ", BLOCK.sub("", text))):
        yield from calls(written)
    for block in BLOCK.findall(text):
        for line in re.findall(r"^.*\bpressmark [a-z-].*$", block.replace("\\\n", " "), re.MULTILINE):
            yield from calls(line)


def calls(line: str) -> Iterator[list[str]]:
    """Yield the arguments of each call in a line; nothing if it is not a line of a shell."""
    lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, "#"
    try:
        words = list(lexer)
    except ValueError:
        return
    starts = [at for at, word in enumerate(words) if word == "pressmark" and (at == 0 or words[at - 1] in NEXT)]
    for start in starts:
        rest = words[start + 1 :]
        yield rest[: next((at for at, word in enumerate(rest) if word in NEXT), len(rest))]


def wrong(words: list[str], command: Any) -> str:
    """Return why the command line does not accept these arguments; empty if it does."""
    context = typer.Context(command)
    try:
        _, left, _ = command.make_parser(context).parse_args(list(words))
    except Exception as error:  # typer has click's exceptions in a private module
        return str(error) or repr(error)
    if not hasattr(command, "commands") or not left:
        return ""
    inner = command.commands.get(left[0])
    return wrong(left[1:], inner) if inner else f"no command {left[0]}"


CLI = typer.main.get_command(app)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.stem)
def test_every_command_in_the_documents_exists(page: Path) -> None:
    found = {" ".join(words): why for words in commands(page.read_text("utf-8")) if (why := wrong(words, CLI))}

    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "```\npressmark rnu x\n```\n",
        "```sh\nx && pressmark run x --fast\n```\n",
        "```\npressmark add  # nothing\npressmark runs lst\n```\n",
        "See `pressmark runs --source\nNAME`.",
    ],
)
def test_a_command_that_does_not_exist_is_detected(text: str) -> None:
    assert [why for words in commands(text) if (why := wrong(words, CLI))]


def test_the_documents_have_commands() -> None:
    assert sum(len(list(commands(page.read_text("utf-8")))) for page in DOCS.rglob("*.md")) > 80


# --- sources ----------------------------------------------------------------------------------------------------------

SOURCE = re.compile(r"^```yaml\n(source: .*?)^```", re.MULTILINE | re.DOTALL)


def test_every_source_in_the_documents_is_valid() -> None:
    written = [text for page in DOCS.rglob("*.md") for text in SOURCE.findall(page.read_text("utf-8"))]

    assert [source.name for text in written for source in parse_sources(text)]
    assert len(written) > 4


def test_an_invalid_source_is_detected() -> None:
    [text] = SOURCE.findall("```yaml\nsource: a\nseeds: [https://example.org/]\nwalks: site\n```\n")

    with pytest.raises(ConfigError, match="walks"):
        parse_sources(text)
