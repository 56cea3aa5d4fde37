from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.links.continuation import before, follows

FORMS = ("/story{}", "/story/{}", "/2026-11-24/t{}.html", "/story{}/", "/a?id=7{}")
numbers = st.integers(1, 40)


def series(form: str, number: int) -> str:
    """Return the address of the page with that number, in one of the usual forms."""
    host = "https://example.org"
    if "?" in form:
        return host + form.format("" if number == 1 else f"&page={number}")
    mark = "" if number == 1 else f"_{number}" if form.endswith(".html") else f"/{number}"
    return (host + form.format(mark)).replace("//", "/").replace(":/", "://").rstrip("/")


@given(st.sampled_from(FORMS), numbers)
def test_the_previous_page_is_among_the_candidates(form: str, number: int) -> None:
    here, there = series(form, number), series(form, number + 1)

    assert follows(here, there)
    assert here in [url.rstrip("/") for url in before(there)]


@given(st.sampled_from(FORMS), numbers)
def test_every_candidate_leads_to_this_page(form: str, number: int) -> None:
    url = series(form, number)

    assert all(follows(one, url) for one in before(url))


def test_the_first_page_has_no_previous_page() -> None:
    assert before("https://example.org/story") == []
    assert before("https://example.org/") == []
