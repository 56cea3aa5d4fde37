"""Messages, help, pages and reference pages are in plain English: a short list of quaint turns of phrase is banned."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from pressmark.cli.app import app
from pressmark.cli.terminal.language import help_texts

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
REFERENCE = ("commands", "errors", "exit-codes", "metrics", "settings", "sources", "operations/states")
BANNED = re.compile(
    r"\boctets?\b|\banew\b|\bwhence\b|\b(?:goes|go|went) on\b|\bcame of\b|\bcome of it\b|\blook(?:s|ing)? after\b"
    r"|\bnothing (?:is|was) kept\b|\bas (?:it|they) (?:is|are|was) kept\b|\bcould not be had\b|\bcan't be had\b"
    r"|\bstood still\b|\bsees to\b|\bin vain\b|\bto be had\b|\bthose that there are\b|\bof which no\b"
    r"|\b(?:has|have) not the\b|\b(?:is|are) told\b|(?<!there )\bis no (?!longer|more\b)[a-z]",
    re.IGNORECASE,
)


def messages(code: str) -> Iterator[str]:
    """Read the texts of several words that a module holds, docstrings left out; fields of f-strings are gaps."""
    tree = ast.parse(code)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def quaint(texts: Iterator[str]) -> list[str]:
    return [text for text in texts if " " in text.strip() and BANNED.search(text)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_has_a_quaint_turn_of_phrase(package: str) -> None:
    found = {
        str(file.relative_to(ROOT)): quaint(messages(file.read_text("utf-8")))
        for file in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in file.parts
    }

    assert {file: texts for file, texts in found.items() if texts} == {}


def test_no_page_has_one() -> None:
    files = sorted((ROOT / "pressmark" / "http" / "templates").glob("*.html"))
    texts = (
        text for file in files for text in re.findall(r"""_\(\s*(?:"([^"]+)"|'([^']+)')""", file.read_text("utf-8"))
    )

    assert quaint("".join(text) for text in texts) == []


def test_no_help_text_has_one() -> None:
    assert quaint(help_texts(get_command(app))) == []


@pytest.mark.parametrize("page", REFERENCE)
def test_no_reference_page_has_one(page: str) -> None:
    assert quaint(iter((ROOT / "docs" / f"{page}.md").read_text("utf-8").splitlines())) == []


@pytest.mark.parametrize(
    "code",
    [
        'raise BadUrl(f"{url!r} is no URL")',
        'tell("crawling goes on")',
        'show(f"{len(data)} octets")',
        'option(help="Say whence each value came.")',
        'tell("pages: 3, all as they are kept")',
    ],
)
def test_one_in_a_message_is_found(code: str) -> None:
    assert quaint(messages(code))


def test_plain_messages_and_docstrings_are_left_alone() -> None:
    assert quaint(messages('"""It is no page, and goes on."""\ntell("it is no longer there; run it on Monday")')) == []
