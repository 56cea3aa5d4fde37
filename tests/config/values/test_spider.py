"""A source has seeds or a spider, and only Scrapy settings that break no promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load_settings
from config.source_files.parse import parse_sources
from config.values.spider import REFUSED

GOOD = "source: a\nspider: quotes.py:Quotes\n"


@pytest.mark.parametrize("named", ["quotes.py:Quotes", "sub/quotes.py:Quotes", "package.spiders:Quotes", "quotes"])
def test_a_spider_is_named_by_file_package_or_entry_point(named: str) -> None:
    [source] = parse_sources(f"source: a\nspider: {named}\narguments: {{tag: x, pages: 3, key: {{secret: KEY}}}}\n")

    assert source.spider == named
    assert source.seeds == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source: a\n", "seeds"),
        ("source: a\nspider: /etc/quotes.py:Quotes\n", "2: spider: '/etc/quotes.py:Quotes' is not a spider"),
        ("source: a\nspider: ../quotes.py:Quotes\n", "2: spider: '../quotes.py:Quotes' is not a spider"),
        (GOOD + "seeds: [https://a.org/]\n", "3: seeds: a source with a spider can't have seeds"),
        (GOOD + "walk: feed\n", "3: walk: a source with a spider can't have walk"),
        (GOOD + "scope: {depth: 2}\n", "3: scope: a source with a spider can't have scope"),
        (GOOD + "scrapy:\n  SCHEDULER: a.B\n", "3: scrapy: SCHEDULER can't be set here"),
        (GOOD + "scrapy: {depth_limit: 2}\n", "'depth_limit' is not a Scrapy setting"),
        ("source: a\nseeds: [https://a.org/]\narguments: {a: b}\n", "arguments needs a spider"),
    ],
)
def test_a_conflict_is_reported_with_its_key(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_sources(text)

    assert told.partition(": ")[2 if told[0].isdigit() else 0] in str(error.value)


@pytest.mark.parametrize("key", REFUSED)
def test_a_setting_that_would_break_a_promise_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} can't be set here"):
        parse_sources(GOOD + f"scrapy: {{{key}: 1}}\n")


@pytest.mark.parametrize("key", REFUSED)
def test_the_settings_of_the_service_refuse_the_same(key: str, tmp_path: Path) -> None:
    facts = {"home": tmp_path, "worker": {"scrapy": {"DEPTH_LIMIT": 2}}}
    assert load_settings(facts).worker.scrapy == {"DEPTH_LIMIT": 2}

    with pytest.raises(ConfigError, match=f"{key} can't be set here"):
        load_settings({"home": tmp_path, "worker": {"scrapy": {key: 1}}})
