"""Users' spiders are found, unless a file beside them would hide a package of ours or be hidden by it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from crawler.userspiders.spider_loader import SpiderNotUsable, load_spider

SPIDER = "import scrapy\n\nclass Mine(scrapy.Spider):\n    name = 'mine'\n"


@pytest.mark.parametrize("beside", ["crawler.py", "config.py", "archive/__init__.py"])
def test_a_module_with_the_name_of_our_package_is_refused_with_its_path(tmp_path: Path, beside: str) -> None:
    (tmp_path / "mine.py").write_text(SPIDER)
    (tmp_path / beside).parent.mkdir(exist_ok=True)
    (tmp_path / beside).write_text(SPIDER)
    path, ours = sys.path[:], sys.modules["crawler"]

    with pytest.raises(
        SpiderNotUsable, match=rf"{tmp_path / beside} has the name of a package of Pressmark; rename it"
    ):
        load_spider("mine.py:Mine", tmp_path)

    assert (sys.path, sys.modules["crawler"]) == (path, ours)


def test_other_modules_and_directories_do_not_interfere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "loading_mine.py").write_text(SPIDER)
    (tmp_path / "settings.py").write_text("")
    (tmp_path / "archive").mkdir()

    assert load_spider("loading_mine.py:Mine", tmp_path).name == "mine"


@pytest.mark.parametrize("name", ["pickle", "calendar", "scrapy"])
def test_a_spider_whose_file_has_the_name_of_another_module_does_not_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    (tmp_path / f"{name}.py").write_text(SPIDER)

    found = load_spider(f"{name}.py:Mine", tmp_path)

    assert (found.name, found.__module__) == ("mine", f"{name}_spider")
    assert not hasattr(importlib.import_module(name), "Mine")


def test_a_spider_of_an_entry_point_is_found_and_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "entered.py").write_text(SPIDER)
    described = tmp_path / "entered-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: entered\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[pressmark.spiders]\nmine = entered:Mine\n")

    assert load_spider("mine", tmp_path / "home").name == "mine"
    with pytest.raises(SpiderNotUsable, match=r"no entry point .* is named 'other' \(mine\)"):
        load_spider("other", tmp_path / "home")


def test_a_spider_of_a_package_in_the_directory_of_spiders_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "packed_mine").mkdir()
    (tmp_path / "packed_mine" / "spiders.py").write_text(SPIDER)

    assert load_spider("packed_mine.spiders:Mine", tmp_path).name == "mine"


@pytest.mark.parametrize(
    ("named", "beside", "text"),
    [
        ("calendar:Mine", "calendar.py", SPIDER),
        ("html.mine:Mine", "html/mine.py", SPIDER),
        ("html.mine:Mine", "html/__init__.py", SPIDER),
        ("loading_names.py:Mine", "calendar.py", "from calendar import own_dates\n"),
        ("loading_names.py:Mine", "calendar.py", "import calendar\ncalendar.own_dates()\n"),
        ("loading_names.py:Mine", "parsel/__init__.py", "import parsel.own_rules\n"),
    ],
)
def test_a_module_that_an_installed_one_hides_is_named_when_its_import_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, beside: str, text: str
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "loading_names.py").write_text(text + SPIDER)
    (tmp_path / beside).parent.mkdir(exist_ok=True)
    (tmp_path / beside).write_text(SPIDER)

    with pytest.raises(SpiderNotUsable, match="has the name of an installed module; rename it") as refused:
        load_spider(named, tmp_path)

    assert str(tmp_path / beside.partition("/")[0]) in str(refused.value)


def test_an_import_that_fails_without_such_a_module_keeps_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "calendar.py").write_text("")
    (tmp_path / "loading_nothing.py").write_text("from html import nothing\n" + SPIDER)

    with pytest.raises(ImportError, match="nothing"):
        load_spider("loading_nothing.py:Mine", tmp_path)
