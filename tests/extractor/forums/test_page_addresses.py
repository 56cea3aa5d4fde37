"""The links of a page are found beside and around names, up to the root of the page."""

from __future__ import annotations

from extractor.forums.page_addresses import hrefs
from extractor.html.page import parse
from extractor.values.urls import Resolver


def test_a_name_at_the_root_of_a_page_has_no_link_around_it() -> None:
    tree = parse("<html class=board><body class=board><a href=/b><i class=board>Boats</i></a></body></html>")

    assert hrefs(tree.css(".board"), Resolver("https://forum.example/")) == ("https://forum.example/b",)
