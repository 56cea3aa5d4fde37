"""Other copies of an article, as every door shows them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journeys.household import QUICK, Household, Served
from specimens.reprints import AGENCY, REPRINTS
from specimens.versions import Version, keep

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

FIRST = "https://coast.example/wire?id=1&x=y"
OTHERS = [f"https://paper-{n}.example/soil" for n in range(12)]
SHORT = "https://coast.example/short"


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    """A home in which an article was archived from a dozen addresses."""
    made = Household(tmp_path_factory.mktemp("similar") / "home", QUICK | database_of_module)
    made.source("coast", "source: coast\nseeds: [https://coast.example/]\nwalk: page\n")
    reprint = REPRINTS["with the line of the agency"]
    versions = [Version(reprint, url, n + 1, f"Jars <b>{n}</b>", source="coast") for n, url in enumerate(OTHERS)]
    first = Version("\n".join(AGENCY), FIRST, 0, "From the wire")
    with open_pressmark(load_settings({"home": str(made.home), "spool.ballast": "0B"})) as service:
        keep(service, tmp_path_factory.mktemp("warcs"), first, Version("Please log in.", SHORT, 0, None), *versions)
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


def test_copies_over_http(served: Served) -> None:
    found = served.get(f"/api/v1/similar/latest/{FIRST}").json
    short = served.get(f"/api/v1/similar/latest/{SHORT}").json

    assert [one["url"] for one in found["items"]] == OTHERS
    assert (found["total"], found["complete"], found["comparable"]) == (12, True, True)
    assert found["items"][0]["page"] == f"/snapshot/20260131120100/{OTHERS[0]}"
    assert 0.9 < found["items"][0]["likeness"] < 1
    assert (short["items"], short["comparable"]) == ([], False)
    assert served.get("/api/v1/similar/latest/https://nowhere.example/").status == 404


def test_the_search_page_names_the_copies_of_its_results(served: Served) -> None:
    page = served.get("/search?q=jars+wire", Accept="text/html").text
    chinese = served.get("/search?q=jars+wire", Accept="text/html", Accept_Language="zh-CN").text

    assert "Also published at: " in page
    assert page.count(' href="/snapshot/20260131120') == 1 + 3
    assert (
        f'<a href="/api/v1/similar/20260131120000/{FIRST.replace("&", "&amp;")}">'
        "Show all 12 addresses of similar pages</a>" in page
    )
    assert "也发表于" in chinese and "内容相似页面的全部 12 个网址" in chinese


@pytest.mark.parametrize("view", ["snapshot", "view/text"])
def test_the_page_of_a_snapshot_names_ten_copies_and_links_to_all(served: Served, view: str) -> None:
    page = served.get(f"/{view}/latest/{FIRST}", Accept="text/html").text
    short = served.get(f"/{view}/latest/{SHORT}", Accept="text/html").text
    everything = f"/api/v1/similar/20260131120000/{FIRST}"

    assert "Also published at" in page and "Also published at" not in short
    assert [f'<a href="/snapshot/2026013112{n + 1:02}00/{url}"' in page for n, url in enumerate(OTHERS)].count(
        True
    ) == 10
    assert "Jars &lt;b&gt;0&lt;/b&gt;" in page
    assert (f'<a href="{everything.replace("&", "&amp;")}">Show all 12 addresses of similar pages</a>') in page
    assert served.get(everything).json["total"] == 12


@pytest.mark.parametrize("view", ["headers", "record", "cite"])
def test_the_other_pages_of_a_snapshot_have_no_copies(served: Served, view: str) -> None:
    page = served.get(f"/view/{view}/latest/{FIRST}", Accept="text/html")

    assert page.status == 200
    assert "Also published at" not in page.text


def test_copies_on_the_command_line(household: Household) -> None:
    shown = household.look("similar", FIRST, "--limit", "2")
    as_json = household.look("similar", FIRST, "--at", "2026", "--threshold", "0.7", "--json").json
    nothing = household.look("similar", FIRST, "--threshold", "1", code=5)
    short = household.look("similar", SHORT, code=5)
    wrong = household.look("similar", FIRST, "--threshold", "0.1", code=2)

    assert OTHERS[0] in shown.out and OTHERS[2] not in shown.out
    assert "2 of 12 similar pages are shown" in shown.err
    assert [one["url"] for one in as_json["items"]] == OTHERS
    assert "no page with a similar text was found" in nothing.err
    assert "too short" in short.err
    assert "--threshold" in wrong.err
