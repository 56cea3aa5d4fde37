"""Readable URLs."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.views.links import readable

HOST = "https://news.example"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{HOST}/%E4%B8%AD%E5%9B%BD/1?q=%E6%B8%AF", f"{HOST}/中国/1?q=港"),
        (f"{HOST}/caf%C3%A9%20au%20lait", f"{HOST}/café%20au%20lait"),
        (f"{HOST}/a%2Fb%3Fc%23d%25E4", f"{HOST}/a%2Fb%3Fc%23d%25E4"),
        (f"{HOST}/%B9%FA%E4%B8%AD", f"{HOST}/%B9%FA中"),  # GBK before UTF-8
        (f"{HOST}/%E4%B8", f"{HOST}/%E4%B8"),
        ("https://xn--fiqs8s.example/%e4%b8%ad", "https://xn--fiqs8s.example/中"),
        (f"{HOST}/%E2%80%AEgnp.exe", f"{HOST}/%E2%80%AEgnp.exe"),
        (f"{HOST}/\u202egnp.exe", f"{HOST}/%E2%80%AEgnp.exe"),
        (f"{HOST}/%D7%A9%D7%9C%D7%95%D7%9D", f"{HOST}/%D7%A9%D7%9C%D7%95%D7%9D"),
        (f"{HOST}/%C2%85%E2%80%8B%E3%80%80%E3%85%A4", f"{HOST}/%C2%85%E2%80%8B%E3%80%80%E3%85%A4"),
        (
            f"the archive has no capture (archived version) of {HOST}/%E4%B8%AD; 100 %E4%B8%AD",
            f"the archive has no capture (archived version) of {HOST}/中; 100 %E4%B8%AD",
        ),
        (f"{HOST}/%ED%A0%80", f"{HOST}/%ED%A0%80"),
        ("http://%E4%B8%AD.example/", "http://%E4%B8%AD.example/"),
    ],
)
def test_letters_of_other_scripts_are_shown_and_nothing_deceptive(url: str, shown: str) -> None:
    assert readable(url) == shown


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_readable_url_leads_to_the_same_place_and_has_no_invisible_character(path: str) -> None:
    url = f"{HOST}/{quote(path)}"
    shown = readable(url)

    assert unquote(shown) == unquote(url)
    assert not [one for one in shown if unicodedata.category(one)[0] in "CZ"]
    assert not [one for one in shown if unicodedata.bidirectional(one) in ("R", "AL", "AN", "RLO", "LRO", "RLI", "PDF")]


def test_other_urls_and_text_without_urls_stay_unchanged() -> None:
    for text in (f"{HOST}/a?b=%20c", "a text of 100 %E4%B8%AD", ""):
        assert readable(text) == text
