"""The signature of a page changes with its words, and not with numbers or the time of an answer."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.links.signature import signature


def of(text: str) -> str:
    return signature(Page("https://news.example/", f"<p>It is now {text} here</p>".encode()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mon Nov 30, 2026 9:22 pm", "Tue Dec 01, 2026 10:05 am"),
        ("Friday at 3:04 PM", "Nov 27, 2026 3:04 PM"),
        ("30 November 2026", "1 December 2026"),
        ("30. Nov 2026", "1. Dec 2026"),
        ("22:05 30 May 2026", "7:05 1 June 2026"),
        ("March 1st", "March 2nd"),
        ("3 minutes ago", "Yesterday"),
        ("2 hours ago", "3 days ago"),
        ("刚刚", "2 小时前"),
        ("昨天 15:04", "2026-11-30 15:04"),
        ("12,345", "7"),
    ],
)
def test_times_and_numbers_do_not_change_it(one: str, other: str) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("what we may do", "what we do"),
        ("the sun that shines", "the moon that shines"),
        ("the March of time", "the May of time"),
        ("I am 7", "I was 7"),
        ("Fridays are slow", "Mondays are slow"),
    ],
)
def test_words_that_only_look_like_times_do(one: str, other: str) -> None:
    assert of(one) != of(other)
