"""Different addresses of one page have one key, and different pages have different keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.values.identity import page_key, plain, without_tracking
from extractor.values.urls import normalise

SESSION = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/2026/a-long-story",
        "https://www.example.org/2026/a-long-story",
        "https://example.org/2026/a-long-story/",
        "https://example.org/2026/a-long-story?utm_source=rss&utm_medium=feed",
        "https://example.org/2026/a-long-story?replytocom=17",
        f"https://example.org/2026/a-long-story?PHPSESSID={SESSION}",
        "https://example.org/2026/a-long-story;jsessionid=AB12",
        f"https://example.org/2026/a-long-story?s={SESSION}",
        "https://example.org/2026/a-long-story/amp/",
        "https://example.org/2026/a-long-story?amp=1",
        "https://example.org/2026/a-long-story?outputType=amp",
        "https://example.org/amp/2026/a-long-story",
        "https://example.org/2026/a-long-story/print",
        "https://example.org/2026/a-long-story?print=1",
        "https://example.org/print/2026/a-long-story",
        "https://example.org/2026/a-long-story?output=amp",
        "https://example.org/2026/a%2Dlong-story",
    ],
)
def test_the_addresses_of_a_page_have_one_key(other: str) -> None:
    assert page_key(other) == page_key("https://example.org/2026/a-long-story")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/index.php?PHPSESSID=abc;topic=5.0", "/index.php?topic=5.0"),
        ("/index.php?action=printpage;topic=5.0", "/index.php?topic=5.0"),
        ("/viewtopic.php?f=2&t=9&view=print", "/viewtopic.php?t=9&f=2"),
        ("/", "/index.html"),
        ("/news/", "/news/index.php"),
        ("/forum.php?mod=viewthread&tid=7&extra=page%3D2", "/forum.php?mod=viewthread&tid=7"),
        ("/forum.php?mod=viewthread&tid=7&extra=&page=2", "/forum.php?mod=viewthread&tid=7&page=2"),
        ("/forum.php?mod=viewthread&tid=7&extra=page%3D1%26filter%3Dtypeid", "/forum.php?mod=viewthread&tid=7"),
        ("/thread-7-2-3.html", "/thread-7-2-1.html"),
        ("/forum.php?mod=viewthread&tid=7&formhash=b3c4d5e6", "/forum.php?mod=viewthread&tid=7"),
        (f"/showthread.php?tid=7&my_post_key={SESSION}", "/showthread.php?tid=7"),
    ],
)
def test_addresses_of_forums_and_front_pages_have_one_key(one: str, other: str) -> None:
    assert page_key(f"https://example.org{one}") == page_key(f"http://www.example.org{other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/news/print/", "/news/"),  # the section about the printed paper
        ("/print/news/", "/news/"),
        ("/a?output=rss", "/a"),
        ("/a?print=7", "/a"),
        ("/story.php?sid=9", "/story.php?sid=10"),
        ("/story.php?s=9", "/story.php"),
        ("/A", "/a"),
        ("/a", "/a/b"),
        ("/index.php?topic=1.0", "/index.php?topic=1.20"),
        ("/index.php?topic=1", "/"),
        ("/camp/story-12", "/story-12"),
        ("/?s=amp", "/"),
        ("/a?extra=fees", "/a"),
        ("/forum.php?mod=viewthread&tid=7&extra=page%3D1&page=2", "/forum.php?mod=viewthread&tid=7"),
        ("/thread-7-2-1.html", "/thread-7-1-1.html"),
        ("/thread-7-2.html", "/thread-7-1.html"),
    ],
)
def test_pages_that_differ_have_two_keys(one: str, other: str) -> None:
    assert page_key(f"https://example.org{one}") != page_key(f"https://example.org{other}")


def test_other_hosts_and_ports_are_different_pages() -> None:
    keys = {page_key(f"http://{host}/a") for host in ("a.example", "b.example", "a.example:81", "m.a.example")}

    assert len(keys) == 4


WORDS = st.from_regex(r"[a-z0-9._~%=&;/-]{0,30}", fullmatch=True)
MARKS = st.sampled_from(
    ["utm_source=x", f"sid={SESSION}", "extra=page%3D2", "replytocom=4", "print=1", "amp", "view=print", "fbclid=y"]
)
PATHS = st.from_regex(r"(/[a-z0-9-]{1,8}){0,3}(/amp|/print|\.amp\.html|;jsessionid=ab)?/?", fullmatch=True)
URLS = st.builds(
    lambda path, query, marks: normalise(f"http://example.org{path}?{'&'.join([query, *marks])}") or "http://x/",
    PATHS,
    WORDS,
    st.lists(MARKS, max_size=3),
)


@given(URLS)
def test_normalizing_again_changes_nothing(url: str) -> None:
    assert without_tracking(without_tracking(url)) == without_tracking(url)
    assert plain(plain(url)) == plain(url) == plain(without_tracking(url))
    assert page_key(plain(url)) == page_key(url)


@given(URLS)
def test_the_result_is_a_normalized_url(url: str) -> None:
    assert normalise(plain(url)) == plain(url)


MEANINGFUL = st.sampled_from(["id", "tid", "t", "p", "page", "start", "topic", "q", "lang", "sid", "s", "view", "day"])


@given(
    name=MEANINGFUL,
    values=st.lists(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), min_size=2, max_size=2, unique=True),
    marks=st.lists(MARKS, max_size=3),
    at=st.integers(0, 3),
)
def test_a_meaningful_parameter_is_never_lost_whatever_is_around_it(
    name: str, values: list[str], marks: list[str], at: int
) -> None:
    def key(value: str) -> str:
        parts = [*marks[:at], f"{name}={value}", *marks[at:]]
        return page_key(f"https://example.org/read.php?{'&'.join(parts)}")

    if name != "view" or "print" not in values:
        assert key(values[0]) != key(values[1])
        assert key(values[0]) == page_key(f"https://example.org/read.php?{name}={values[0]}")
