from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from services.ledgers import NOON

from config.load import Sources, UnknownSource
from config.source import Source
from scheduler.orders import Orders, QuotaUsedUp, within_quota
from scheduler.run import LOOSE, Run


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    (tmp_path / "sources").mkdir()
    describe(tmp_path, "a", "walk: feed")
    return Orders(Sources(tmp_path / "sources"), tmp_path, contact="https://archive.example.org/")


def describe(home: Path, name: str, more: str) -> None:
    (home / "sources" / f"{name}.yaml").write_text(f"source: {name}\nseeds: https://{name}.example.org/\n{more}\n")


def run(source: str = "a", url: str | None = None) -> Run:
    return Run("r", source, "running", NOON, url=url)


def test_an_order_has_the_source_and_the_files_of_the_run(orders: Orders, tmp_path: Path) -> None:
    order = orders.order(run())

    assert (order.run, order.source.walk, order.urls) == ("r", "feed", ())
    assert (order.frontier, order.log) == (tmp_path / "frontiers" / "r.db", tmp_path / "logs" / "runs" / "r.jsonl")
    assert order.frontier.parent.is_dir()
    assert order.log is not None
    assert order.log.parent.is_dir()
    assert order.contact == "https://archive.example.org/"


def test_an_order_says_whether_everything_is_asked_for(orders: Orders) -> None:
    assert not orders.order(run()).everything
    assert orders.order(replace(run(), everything=True)).everything


def test_a_run_follows_the_source_as_it_is_described_when_it_begins(orders: Orders, tmp_path: Path) -> None:
    describe(tmp_path, "a", "walk: sitemap")

    assert orders.order(run()).source.walk == "sitemap"


def test_a_source_that_is_gone_has_no_order(orders: Orders) -> None:
    with pytest.raises(UnknownSource, match="no source named 'gone'"):
        orders.order(run("gone"))


def test_a_single_url_needs_no_source(orders: Orders) -> None:
    order = orders.order(run(LOOSE, "https://example.org/1"))

    assert order.urls == ("https://example.org/1",)
    assert (order.source.name, order.source.walk, order.source.keep.requisites) == (LOOSE, "page", True)


def test_who_describes_single_pages_decides_about_them(orders: Orders, tmp_path: Path) -> None:
    describe(tmp_path, LOOSE, "keep: {collection: clippings}")

    assert orders.order(run(LOOSE, "https://example.org/1")).source.keep.collection == "clippings"


@pytest.mark.parametrize(
    ("limits", "received", "left"),
    [
        ({}, 10**9, None),
        ({"quota": 100}, 30, 70),
        ({"quota": 100, "bytes": 50}, 30, 50),
        ({"quota": 100, "bytes": 90}, 30, 70),
    ],
)
def test_a_run_may_receive_what_is_left_of_the_quota(limits: dict[str, int], received: int, left: int | None) -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.org/", "limits": limits})

    assert within_quota(source, lambda: received).limits.bytes == left


def test_a_quota_that_is_used_up_is_told() -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.org/", "limits": {"quota": "1MiB"}})

    with pytest.raises(QuotaUsedUp, match="the quota of a, 1MiB, is used up"):
        within_quota(source, lambda: 1 << 20)
