"""URLs that are accepted at once are those that the careful look accepts."""

from __future__ import annotations

import pytest
from conftest import figure
from hypothesis import given, settings
from hypothesis import strategies as st

from config.values.urls import _USUAL, BadUrl, check_url


@given(url=st.from_regex(_USUAL, fullmatch=True))
@settings(max_examples=figure(30, 1_000, 20_000))
def test_a_usual_url_is_accepted_by_the_careful_look_too(url: str) -> None:
    scheme, rest = url.split(":", 1)

    assert check_url(url) == url
    assert check_url(f"{scheme.upper()}:{rest}") == f"{scheme.upper()}:{rest}"  # never usual


@pytest.mark.parametrize(
    "url", ["http://", "http:///a", "http://a:0/", "http://u@a.example/", "http://a/ b", "http://a\n"]
)
def test_what_is_wrong_is_not_usual(url: str) -> None:
    assert not _USUAL.fullmatch(url)
    with pytest.raises(BadUrl):
        check_url(url)


def test_a_usual_url_needs_one_of_the_schemes() -> None:
    with pytest.raises(BadUrl):
        check_url("http://a.example/", ("https",))
