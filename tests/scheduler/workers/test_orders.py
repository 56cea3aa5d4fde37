from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from services.calls import calls
from services.ledgers import NOON

from config.load import Sources, UnknownSource
from config.source import Source
from scheduler.run import LOOSE, Run
from scheduler.workers.orders import Orders, QuotaUsedUp, within_quota


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


def test_an_order_says_whether_everything_is_requested(orders: Orders) -> None:
    assert not orders.order(run()).everything
    assert orders.order(replace(run(), everything=True)).everything
    assert not orders.order(replace(run(), everything=True)).in_full
    assert orders.order(replace(run(), everything=True, in_full=True)).in_full


def test_an_order_costs_the_same_with_ten_times_the_sources(orders: Orders, tmp_path: Path) -> None:
    def cost(count: int) -> int:
        for number in range(count):
            describe(tmp_path, f"s{number}", "walk: page")
        sources = Sources(tmp_path / "sources")
        return calls(lambda: Orders(sources, tmp_path).order(run()))

    cost(0)  # imports, directories
    assert cost(10) == cost(100)


def test_a_run_follows_the_description_of_its_source_at_its_start(orders: Orders, tmp_path: Path) -> None:
    describe(tmp_path, "a", "walk: sitemap")

    assert orders.order(run()).source.walk == "sitemap"


def test_a_deleted_source_has_no_order(orders: Orders) -> None:
    with pytest.raises(UnknownSource, match="no source named 'gone'"):
        orders.order(run("gone"))


def test_a_single_url_needs_no_source(orders: Orders) -> None:
    order = orders.order(run(LOOSE, "https://example.org/1"))

    assert order.urls == ("https://example.org/1",)
    assert (order.source.name, order.source.walk, order.source.keep.requisites) == (LOOSE, "page", True)


def test_a_source_for_single_pages_decides_about_them(orders: Orders, tmp_path: Path) -> None:
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
def test_a_run_may_receive_the_rest_of_the_quota(limits: dict[str, int], received: int, left: int | None) -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.org/", "limits": limits})

    assert within_quota(source, lambda: received).limits.bytes == left


def test_an_exhausted_quota_is_reported() -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.org/", "limits": {"quota": "1MiB"}})

    with pytest.raises(QuotaUsedUp, match="the quota of a, 1MiB, is used up"):
        within_quota(source, lambda: 1 << 20)
