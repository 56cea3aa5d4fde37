"""Selectors run only if they can match."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.forums.registry import COMMENTS, FORUMS
from extractor.html.cheap_queries import CheapQuery
from extractor.html.page import Page

CASES = Path(__file__).parents[1]
SELECTORS = (
    *("p.a", "#b", "[class*=lon i]", "div.a:not(.b) > p", "p[href*='x.php']", "[id^=n-]", ".A", "p:not([class])"),
    *("time[id]", "div time", "p:not(time)", "p:has(> time)", "figure", "shreddit-post", "p[component]"),
    *("[component='a']", "p:not([component])", "div:has([component=a])"),
)


def pages() -> Iterator[Page]:
    for path in sorted(CASES.glob("**/*.html")):
        yield Page("https://forum.example/t/1", path.read_bytes())


@pytest.mark.parametrize("forum", [*FORUMS, *COMMENTS], ids=lambda forum: forum.name)
def test_a_cheap_query_finds_the_same_as_its_selectors_in_each_case(forum: object) -> None:
    sign = str(getattr(forum, "sign", ""))
    query = CheapQuery(sign)

    for page in pages():
        found, right = query.first(page), page.tree.css_first(sign)
        assert (found and found.mem_id) == (right and right.mem_id)


@given(
    st.lists(
        st.builds(
            "<{0} {1}={2}{3}{2}>".format,
            st.sampled_from(["p", "div", "P", "time", "FIGURE", "shreddit-post"]),
            st.sampled_from(["class", "id", "CLASS", "href", "component"]),
            st.sampled_from(["'", '"']),
            st.sampled_from(["a", "b", "a b", "a-long", "x.php", "n-1", "A"]),
        ),
        max_size=6,
    ),
    st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=4),
)
def test_a_cheap_query_finds_the_same_as_its_selectors(elements: list[str], selectors: list[str]) -> None:
    page = Page("https://example.org/", "".join(elements).encode())

    found = CheapQuery(",".join(selectors)).all(page)

    assert [node.mem_id for node in found] == list(
        dict.fromkeys(node.mem_id for node in page.tree.css(",".join(selectors)))
    )


def test_an_element_that_several_selectors_match_is_found_once() -> None:
    page = Page("https://example.org/", b"<p class='date time'>24 November 2026</p><p class=date>25 November 2026</p>")

    assert len(page.tree.css(".date,.time,[class*=date i]")) == 5
    assert len(CheapQuery(".date,.time,[class*=date i]").all(page)) == 2


def test_selectors_without_a_matching_name_are_skipped() -> None:
    page = Page("https://example.org/", b"<p class=a><p id='b c'>")

    assert CheapQuery(".a:not(.z),#d,[id^=b],p time").possible(page) == ".a:not(.z),[id^=b]"
