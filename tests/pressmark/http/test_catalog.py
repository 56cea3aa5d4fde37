from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from markupsafe import Markup

from pressmark.http.catalog import LANGUAGES, accepted, translator

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "pressmark" / "http" / "locale"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en-GB,zh;q=0.5", "en"),
        ("en;q=0.2, zh-Hans-CN;q=0.7", "zh-Hans"),
        ("zh;q=0, en;q=0.1", "en"),
        ("fr, zh", "zh-Hans"),
        ("zh-Hant-TW, en;q=0.5", "en"),
        ("zh-TW", "en"),
        (";;,q=,zh;q=x", "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert accepted(header) == language


def test_filled_in_values_are_escaped() -> None:
    told = translator("zh-Hans")("The archive has no captures (archived versions) of %(url)s.", url="<b>")

    assert isinstance(told, Markup)
    assert told == "存档库中没有 &lt;b&gt; 的任何版本。"


def test_text_without_a_translation_stays_english() -> None:
    assert translator("zh-Hans")("Never said before") == "Never said before"


def test_an_empty_text_stays_empty() -> None:
    assert translator("zh-Hans")("") == ""


def tool() -> ModuleType:
    """The tool that updates the catalogs."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "docs" / "messages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_all_text_on_pages_is_translated(language: str) -> None:
    messages = tool()
    said = {message.id for message in messages.template() if message.id}
    written = messages.translated(LOCALE / f"{language}.po")
    catalog = {message.id: message.string for message in written if message.id and message.string}

    assert {text for text in said if text not in catalog} == set(), "run make messages, and translate what is new"
    assert set(catalog) - said == set()
    assert {text: translator(language)(text) for text in said} == catalog, "run make messages to compile the catalog"
    for text, told in catalog.items():
        assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", told)), text


def test_no_template_holds_unmarked_words() -> None:
    """Words are text between tags, outside expressions, that is not the same in all languages."""
    same = re.compile(
        r"Pressmark|JSON|APA|BibTeX|URL|SHA-\d+|WARC-Record-ID|WACZ|WARC|robots\.txt|OpenAPI|WordPress|[^A-Za-z]+"
    )
    found = {}
    for file in sorted((ROOT / "pressmark" / "http" / "templates").glob("*.html")):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<kbd>.</kbd>|<[^>]*>", " ", file.read_text(), flags=re.DOTALL)
        if words := [word for word in text.split() if same.sub("", word)]:
            found[file.name] = words

    assert found == {}
