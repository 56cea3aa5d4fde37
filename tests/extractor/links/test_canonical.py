"""The canonical address of a page."""

from __future__ import annotations

import pytest

from extractor.links.canonical import canonical_of, is_plausible

URL = "https://www.example.org/node/7?ref=x"


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="canonical" href="https://www.example.org/a-title">',
        "<LINK HREF=/a-title REL=CANONICAL>",
        "<link data-rh='true' rel='canonical' href='/a-title'/>",
        '<link rel="alternate" href="/feed"><link href="//www.example.org/a-title" rel=canonical>',
    ],
)
def test_a_canonical_address_is_read_in_any_syntax(link: str) -> None:
    assert canonical_of(f"<html><head>{link}</head>".encode(), URL) == "https://www.example.org/a-title"


@pytest.mark.parametrize(
    "head", ["", "<p>canonical</p>", '<link rel="canonical">', '<link rel=canonical href="data:x">']
)
def test_a_page_without_a_canonical_address_has_none(head: str) -> None:
    assert canonical_of(head.encode(), URL) is None


@pytest.mark.parametrize(
    ("url", "canonical", "said"),
    [
        ("/node/7", "/a-title", True),
        ("/?p=7", "/2026/a-title/", True),
        ("/a-title?utm_source=x", "/a-title", False),  # nothing new
        ("/a-title", "/", False),
        ("/list?page=2", "/list", False),
        ("/thread-5-2-1.html", "/thread-5-1-1.html", True),
        ("/index.php?topic=5.20", "/index.php?topic=5", False),
    ],
)
def test_usual_mistakes_of_sites_are_not_trusted(url: str, canonical: str, said: bool) -> None:
    assert is_plausible(f"https://www.example.org{url}", f"https://example.org{canonical}") is said


def test_a_canonical_address_on_another_host_is_not_trusted() -> None:
    assert not is_plausible("https://copy.example/a", "https://example.org/a-title")
