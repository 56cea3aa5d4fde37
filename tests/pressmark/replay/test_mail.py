"""E-mails are shown with the images inside them, and nothing that runs or loads, nor what names the reader."""

from __future__ import annotations

import re

import pytest
from crawling.letters import SENT, article, chinese, japanese, letter
from hypothesis import given
from hypothesis import strategies as st

from pressmark.http.stage.addresses import Modifier
from pressmark.replay.mail import rewrite_mail

URL = "imap://imap.example.org:993/INBOX;UIDVALIDITY=7/;UID=1"


def address_of(url: str, wanted: Modifier) -> str:
    return f"/at/{wanted}/{url}"


def shown(octets: bytes) -> str:
    return rewrite_mail(octets, URL, address_of)


def test_the_head_says_who_wrote_about_what_and_when() -> None:
    page = shown(letter("Harbour <b>closed</b>", html=article(), more={"List-Id": "<daily.example.org>"}))
    assert "<b>From:</b> The Daily" in page
    assert "<b>Subject:</b> Harbour &lt;b&gt;closed&lt;/b&gt;" in page
    assert f"<b>Date:</b> {SENT.isoformat(' ')}" in page
    assert "<b>List-Id:</b> &lt;daily.example.org&gt;" in page
    assert "Two ferries waited outside" in page


def test_the_reader_and_her_token_are_not_shown() -> None:
    page = shown(letter(html=article(), more={"Delivered-To": "ann@reader.example"}))
    assert not [one for one in ("reader.example", "Ann Reader", "c0ffee") if one in page]


def test_images_inside_are_shown_and_those_of_other_servers_lead_into_the_archive() -> None:
    tags = '<img src="cid:image1@example.org"><img src="https://t.example.org/p.gif"><img src="cid:missing">'
    page = shown(letter(html=article(image=tags), images=1))
    assert [one[:22] for one in re.findall(r'src="([^"]*)"', page)] == [
        "data:image/png;base64,",
        "/at/im_/https://t.exam",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "<script>steal()</script>",
        '<img src=x onerror="steal()">',
        '<a href="javascript:steal()">x</a>',
        '<meta http-equiv=refresh content="0; url=https://steal()">',
        '<form action="https://steal()"><button>x</button></form>',
        '<base href="https://steal()">',
    ],
)
def test_nothing_runs(bad: str) -> None:
    assert "steal()" not in shown(letter(html=article(extra=bad)))


def test_plain_text_is_shown_as_text() -> None:
    page = shown(letter(plain="1 < 2\n<script>steal()</script>\n"))
    assert "1 &lt; 2\n&lt;script&gt;" in page


def test_letters_in_other_encodings_are_shown() -> None:
    assert "交通部表示" in shown(chinese())
    assert "港は金曜日に" in shown(japanese())


@given(st.binary(max_size=300))
def test_any_bytes_are_shown_without_an_error(noise: bytes) -> None:
    for octets in (noise, letter(html=article(), images=1).replace(b"</h1>", noise)):
        assert "<script" not in shown(octets).lower()
