"""A thread as JSON, and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.values.thread import Attachment, Post, Quote, Thread
from extractor.values.thread_json import thread_json, thread_of

words = st.text(max_size=8)
said = st.none() | words.filter(bool)
quotes = st.builds(Quote, text=words, author=said, post=said, url=said)
posts = st.builds(
    Post,
    id=said,
    author=said,
    date=said,
    text=words,
    markdown=words,
    own=words,
    quotes=st.lists(quotes, max_size=2).map(tuple),
    attachments=st.lists(st.builds(Attachment, url=words, name=said), max_size=2).map(tuple),
    score=st.none() | st.integers(-9, 9),
    url=said,
    answers=said,
)
threads = st.builds(
    Thread,
    url=words,
    engine=words,
    title=said,
    posts=st.lists(posts, max_size=3).map(tuple),
    home=said,
    board=said,
    tags=st.lists(words, max_size=2).map(tuple),
    folded=st.lists(words, max_size=2).map(tuple),
    page=st.none() | st.integers(1, 9),
    pages=st.none() | st.integers(1, 9),
    next=said,
)


@given(threads)
def test_a_thread_is_restored_from_its_json(thread: Thread) -> None:
    assert thread_of(json.loads(json.dumps(thread_json(thread)))) == thread


def test_empty_fields_are_left_out() -> None:
    thread = Thread("u", "e", None, (Post("1", None, None, "a", "a", "a"), Post("2", None, None, "a", "*a*", "")))

    assert thread_json(thread) == {
        "url": "u",
        "engine": "e",
        "posts": [{"id": "1", "text": "a"}, {"id": "2", "text": "a", "markdown": "*a*", "own": ""}],
    }


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"url": "u", "engine": "e"},
        {"url": "u", "engine": "e", "posts": 1},
        {"url": "u", "engine": "e", "posts": [{}]},
        {"url": 1, "engine": "e", "posts": []},
        {"url": "u", "engine": "e", "posts": [], "page": "1"},
        {"url": "u", "engine": "e", "posts": [], "tags": [1]},
        {"url": "u", "engine": "e", "posts": [{"text": "a", "quotes": [{"text": None}]}]},
        {"url": "u", "engine": "e", "posts": [], "stranger": 1},
    ],
)
def test_invalid_data_is_refused(damaged: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="this is not a thread"):
        thread_of(damaged)
