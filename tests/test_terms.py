"""One Chinese term for each English one: the table of docs/glossary.md holds for every translated message."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "pressmark" / "http" / "locale" / "zh-Hans.po"
HEADING = "## The same words in Chinese"
NAMES = re.compile(r"%\(\w+\)s|`[^`]*`|'[^']*'|pressmark [a-z]+(?: [a-z]+)?|--\w+")
"""Fields, commands, options and values: they are not words of the language."""


def terms() -> dict[str, str]:
    _, _, table = (ROOT / "docs" / "glossary.md").read_text("utf-8").partition(HEADING)
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", table, re.MULTILINE)
    return {english: chinese for english, chinese in rows if english != "English"}


def others(messages: dict[str, str], table: dict[str, str]) -> list[tuple[str, str]]:
    """List the term and the message of each translation that uses another term than the table."""
    found = []
    for english, chinese in table.items():
        word = re.compile(rf"(?<![\w/.-]){english}s?(?![\w.-]|/)", re.IGNORECASE)
        found += [
            (english, message)
            for message, translation in messages.items()
            if word.search(NAMES.sub("", message)) and chinese.lower() not in translation.lower()
        ]
    return found


def test_each_term_has_one_translation() -> None:
    with CATALOG.open("rb") as file:
        messages = {str(each.id): str(each.string) for each in read_po(file) if each.id}

    assert len(terms()) > 30
    assert others(messages, terms()) == []


def test_another_translation_is_found() -> None:
    table = {"source": "来源", "the store": "存储"}

    assert others({"Delete the source %(source)s": "删除网站 %(source)s"}, table) == [
        ("source", "Delete the source %(source)s")
    ]
    assert others({"run 'pressmark source list'": "运行 pressmark source list", "stored": "已保存"}, table) == []


def test_a_term_has_no_second_word_in_the_table() -> None:
    assert len(set(terms().values())) == len(terms())
