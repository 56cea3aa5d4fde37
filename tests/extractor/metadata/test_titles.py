"""The title of a page, from its headings and its head."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.metadata.metadata import read_metadata

URL = "https://docs.example/orm/quick_start"


def title(body: str, head: str = "") -> str | None:
    return read_metadata(Page(URL, f"<html><head>{head}</head><body>{body}</body>".encode())).title


@pytest.mark.parametrize(
    "heading",
    [
        "Ferries of the strait<a class=headerlink href=#ferries>¶</a>",
        "Ferries of the strait<a href=#ferries>#</a>",
        "Ferries of the strait<a class=headerlink href=#ferries>\uf0c1</a>",
        "Ferries of the strait&nbsp;<button>Copy item path</button>",
        "<style data-emotion=css>.css-1{margin:0}</style>Ferries of the strait",
        "Ferries of the strait<tool-tip hidden>Stay organized with collections</tool-tip>",
        "<button>Ferries of the strait</button>",
    ],
)
def test_a_heading_is_its_visible_text(heading: str) -> None:
    assert title(f"<h1>{heading}</h1>", "<title>Ferries of the strait | Docs</title>") == "Ferries of the strait"


@pytest.mark.parametrize("address", ["http://[", "https://[site]/x", "//[", "", "mailto:a@b.example"])
def test_a_heading_without_a_link_to_another_page_is_the_title(address: str) -> None:
    assert title(f'<h1><a href="{address}">Ferries of the strait</a></h1>') == "Ferries of the strait"


def test_the_section_is_not_part_of_the_title() -> None:
    claimed = '<meta property="og:title" content="Flexbox - Learn web development | MDN">'

    assert title("<h1>Flexbox</h1>", claimed) == "Flexbox"
    assert title("<h1>Flex</h1>", claimed) == "Flexbox - Learn web development | MDN"


def test_a_heading_that_links_to_the_larger_work_is_not_preferred() -> None:
    whole = "<h1><a href=../index.html>Harbours in the north</a></h1>"
    own = "<h1>The quick start</h1>"
    head = "<title>The quick start — Harbours in the north</title>"

    assert title(whole + own, head) == "The quick start"
    assert title(whole.replace("../index.html", "/orm/quick_start#top") + own, head) == "Harbours in the north"


def test_the_name_of_the_larger_work_in_a_menu_heading_is_not_part_of_the_title() -> None:
    page = "<div class=menu-bar><h1 class=menu-title>{}</h1></div><h2>Slack Water</h2><p>Nothing moves.</p>"
    head = "<title>Slack Water - The Book of the Tides</title>"

    assert title(page.format("The Book of the Tides"), head) == "Slack Water"
    assert title(page.format("Search"), head) == "The Book of the Tides"


@pytest.mark.parametrize(
    ("element", "title_"),
    [
        ("科学政策讨论与交流 - 论坛 - Powered by Discuz!", "科学政策讨论与交流"),
        ("政策论坛 -  Powered by Discuz! X3.4 ; 观测站", "政策论坛"),
        ("The ferries of the strait - Powered by phpBB", "The ferries of the strait"),
        ("Ferries - powered by hydrogen from the strait", "powered by hydrogen from the strait"),
        ("Ferries that are self-powered by vBulletins", "Ferries that are self-powered by vBulletins"),
    ],
)
def test_the_software_of_a_page_is_not_part_of_its_title(element: str, title_: str) -> None:
    assert title("<p>x</p>", f"<title>{element}</title>") == title_


def test_a_sign_that_links_nowhere_is_part_of_the_title() -> None:
    assert title("<h1>Ferries in C#</h1>", "<title>Ferries in C#</title>") == "Ferries in C#"
