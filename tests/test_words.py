"""Messages, help, pages, reference pages, docstrings, comments and test names are in plain English.

Each test searches for a short list of quaint turns of phrase.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from typer.main import get_command

from pressmark.cli.app import app
from pressmark.cli.terminal.language import help_texts

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
PLAIN = (*PACKAGES, "benchmarks", "tests")
"""Folders whose docstrings, comments and test names are checked."""
REFERENCE = ("commands", "errors", "exit-codes", "metrics", "settings", "sources", "operations/states")
BANNED = re.compile(
    r"\boctets?\b|\banew\b|\bwhence\b|\b(?:goes|go|went) on\b|\bcame of\b|\bcome of it\b|\blook(?:s|ing)? after\b"
    r"|\bnothing (?:is|was) kept\b|\bas (?:it|they) (?:is|are|was) kept\b|\bcould not be had\b|\bcan't be had\b"
    r"|\bstood still\b|\bsees to\b|\bin vain\b|\bto be had\b|\bthose that there are\b|\bof which no\b"
    r"|\b(?:has|have) not the\b|\b(?:is|are) told\b|(?<!there )\bis no (?!longer|more\b)[a-z]",
    re.IGNORECASE,
)
BANNED_IN_PROSE = re.compile(
    BANNED.pattern
    + r"|\bcame? of\b|\bthereby\b|\bfor whom\b|\bwhoever\b|\b(?:was|were) told\b|\btold (?:apart|from|by)\b"
    r"|\ball the same\b|\bmend(?:s|ed)?\b|\bsomebody\b|\bbrought back\b|\blet go\b|\bhardly\b|\bbut for\b"
    r"|\bpassed over\b|\btwice is once\b|\btaken in\b|\bbelieve[sd]?\b|\bstood\b|\basked for\b|\bhas not the\b",
    re.IGNORECASE,
)
UNCLEAR = re.compile(
    r"\bproblem details\b|\bdialects? of\b|\bthe (?:one|part) before\b|\bin the same form\b|\bshown them\b"
    r"|\bis shown again\b|\bcrontab\(\d\)|\bshingles?\b|\bwhat is there now\b|\bobject a line\b|\barrives\b"
    r"|\bends? early\b|\bhead of the answer\b|\bsoft 404s?\b|\bthose up to\b|\bmay not write\b|\bpayload\b"
    r"|\brules of the source\b|\bnames it as\b|\bsign of life\b|\bout of reach\b|\bmarkup\b|\bparked\b"
    r"|\banswers? HTTP\b|\bdoes not show the page itself\b|\bWhat it archived\b|\bhave no network\b"
    r"|\bgoes with\b|\blies in\b|\bor not$",
    re.IGNORECASE,
)
"""Turns of phrase that readers of a page or a help text stumbled on. In comments and docstrings they may stand."""


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


def prose(code: str) -> Iterator[str]:
    """Read the docstrings of a module, those of constants and fields too, its comments, and the names of its tests."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield " ".join(node.value.value.split())
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name.replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def quaint(texts: Iterator[str], banned: re.Pattern[str] = BANNED) -> list[str]:
    return [text for text in texts if " " in text.strip() and banned.search(text)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_has_a_quaint_turn_of_phrase(package: str) -> None:
    found = {
        str(file.relative_to(ROOT)): quaint(messages(file.read_text("utf-8")))
        for file in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in file.parts
    }

    assert {file: texts for file, texts in found.items() if texts} == {}


@pytest.mark.parametrize("folder", PLAIN)
def test_no_docstring_comment_or_test_name_has_one(folder: str) -> None:
    found = {
        str(file.relative_to(ROOT)): quaint(prose(file.read_text("utf-8")), BANNED_IN_PROSE)
        for file in sorted((ROOT / folder).rglob("*.py"))
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


def test_nothing_that_is_translated_has_an_unclear_one() -> None:
    with (ROOT / "pressmark" / "http" / "locale" / "zh-Hans.po").open("rb") as file:
        texts = [str(message.id) for message in read_po(file) if message.id]

    assert len(texts) > 1_000
    assert quaint(iter(texts), UNCLEAR) == []


def test_an_unclear_one_is_found() -> None:
    told = ["Errors are problem details.", "A mark replaces the one before.", "The program skipped the file."]

    assert quaint(iter(told), UNCLEAR) == told[:2]


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


@pytest.mark.parametrize(
    "code",
    [
        'def size(): """Octets of the body."""',
        'class Store:\n    limit = 3\n    """What came of it."""',
        "count = 1  # whoever asks, waits in vain",
        "def test_a_bad_name_is_told_with_its_line(): ...",
        "async def test_the_walk_goes_on(): ...",
    ],
)
def test_one_in_a_docstring_comment_or_test_name_is_found(code: str) -> None:
    assert quaint(prose(code), BANNED_IN_PROSE)


def test_plain_prose_passes() -> None:
    code = (
        '"Count the bytes of a body; there is no limit."\n# wait until it is no longer there\ndef test_it_ends(): ...'
    )

    assert len(list(prose(code))) == 3
    assert quaint(prose(code), BANNED_IN_PROSE) == []
