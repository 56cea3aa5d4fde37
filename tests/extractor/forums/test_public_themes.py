"""Threads in the markup of public templates, with our own texts: programs without a reader of their own, solutions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extractor.forums.names import without_by
from extractor.forums.registry import Thread, read_thread
from extractor.html.page import Page

AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
SAID = (("ann", "Opening text of the thread here."), ("bob", "An answer to it, of some length."))


def thread(html: str, url: str, of: str = "") -> Thread | None:
    page = f"<html lang=en id='{of}'><title>Reactor talk</title><body>{html}</body></html>"
    return read_thread(Page(url, page.encode(), "text/html; charset=utf-8"), AT)


def facts(found: Thread | None) -> list[tuple[str | None, str | None, str]]:
    assert found is not None
    return [(post.author, post.date, post.text) for post in found.posts]


SIMPLE_PRESS = (
    "<div class=spTopicPostSection id=post{number}><div class=spPostUserSection><div class=spPostUserName>"
    "<a href=/profile/{name}>{name}</a></div><div class=spPostUserPosts>Forum Posts: 12</div>"
    "<div class=spPostUserRegistered>Member Since: March 1, 2012</div></div><div class=spPostSection>"
    "<div class=spPostUserDate>March {number}, {year}{between}10:00 am</div><a class=spPostId>{number}</a>"
    "<div class=spPostContentSection><div class=spPostContent><p>{said}</p></div></div></div></div>"
)


@pytest.mark.parametrize("between", ["<br>", " ", "</div><div>", "<p>"])
def test_a_day_and_a_time_of_day_in_two_lines_are_one_date_with_its_own_year(between: str) -> None:
    posts = "".join(
        SIMPLE_PRESS.format(number=number, name=name, said=said, year=2024, between=between)
        for number, (name, said) in enumerate(SAID, 1)
    )
    html = f"<div id=spMainContainer><h1>Reactor talk</h1><div>{posts}</div></div>"

    found = facts(thread(html, "https://forum.example/forum/science/reactor-talk/"))

    assert [(name, (date or "")[:10], said) for name, date, said in found] == [
        (name, f"2024-03-0{number}", said) for number, (name, said) in enumerate(SAID, 1)
    ]


def test_names_with_by_before_them_in_a_print_view_of_phpbb_are_names() -> None:
    posts = "".join(
        f"<div class=post><h3>Re: Reactor talk</h3><div class=date>Posted: <strong>Fri Mar 0{number}, 2024 10:00 am"
        f"</strong></div><div class=author>by <strong>{name}</strong></div><div class=content>{said}</div></div><hr>"
        for number, (name, said) in enumerate(SAID, 1)
    )

    found = thread(f"<div id=page-body>{posts}</div>", "https://forum.example/viewtopic.php?t=9&view=print")

    assert facts(found) == [(name, f"2024-03-0{number}T10:00", said) for number, (name, said) in enumerate(SAID, 1)]


def test_a_person_called_by_keeps_the_name() -> None:
    posts = "".join(
        f"<div class=post><div class=date>2024-03-0{number} 10:00</div><div class=author>{name}</div>"
        f"<div class=content>{said}</div></div>"
        for number, (name, said) in enumerate((("By Design", SAID[0][1]), ("bob", SAID[1][1])), 1)
    )

    assert [name for name, *_ in facts(thread(posts, "https://forum.example/t/9"))] == ["By Design", "bob"]


@pytest.mark.parametrize("posts", [2, 5])
def test_a_page_whose_posts_have_no_element_of_their_own_gives_no_posts_of_dates(posts: int) -> None:
    """As MyBB prints threads: everything is in one cell, with lines between."""
    html = "".join(
        f"<strong>RE: Reactor talk</strong> - <a href='member.php?action=profile&amp;uid={number}'>{name}</a> - "
        f"<span>03-0{number}-2024</span><br><br>{said} {number}<br><br><hr size=1>"
        for number, (name, said) in enumerate((SAID * 3)[:posts], 1)
    )

    found = thread(f"<table><tr><td>{html}</td></tr></table>", "https://forum.example/printthread.php?tid=9")

    assert found is None or [post.text for post in found.posts] == [
        f"{said} {number}" for number, (_, said) in enumerate((SAID * 3)[:posts], 1)
    ]


XENFORO = (
    "<article class='message message--post js-post {kind}' data-author={name} data-content=post-{number}>"
    "<h4 class=message-name><a class=username>{name}</a></h4><header class=message-attribution><time class=u-dt"
    " datetime=2024-03-0{number}T10:00:00+0000>Mar</time></header><article class=message-body><div class=bbWrapper>"
    "{said}</div></article></article>"
)


def xenforo(number: int, name: str, said: str, kind: str = "") -> str:
    return XENFORO.format(number=number, name=name, said=said, kind=kind)


@pytest.mark.parametrize("shown", ["It is safe.", "It is …"])
def test_the_solution_that_a_question_of_xenforo_shows_above_the_answers_too_is_one_post_in_its_own_place(
    shown: str,
) -> None:
    first, answer = xenforo(1, "ann", "Is it safe?"), xenforo(2, "bob", "Ask the board.")
    solution = xenforo(3, "cleo", "It is safe.", "message--solution")
    above = f"<div class=block><h3>Solution</h3>{xenforo(3, 'cleo', shown, 'message--solution')}</div>"

    found = thread(
        f"<h1 class=p-title-value>x</h1>{first}{above}{answer}{solution}", "https://forum.example/threads/x.9/", "XF"
    )

    assert [(name, said) for name, _, said in facts(found)] == [
        ("ann", "Is it safe?"),
        ("bob", "Ask the board."),
        ("cleo", "It is safe."),
    ]


def test_posts_of_two_people_with_one_number_are_two_posts() -> None:
    found = thread(f"{xenforo(1, 'ann', 'Yes.')}{xenforo(1, 'bob', 'No.')}", "https://forum.example/threads/x.9/", "XF")

    assert [(name, said) for name, _, said in facts(found)] == [("ann", "Yes."), ("bob", "No.")]


AVATAR = (
    "<div class=row><div class=who id=user{of}><a class=author href=/u/{name}>{name}</a></div>"
    "<time datetime=2024-03-01>March 1, 2024</time><div class=text><p>{said}</p></div></div>"
)


def test_posts_of_one_person_on_one_day_are_two_posts_though_both_have_the_number_of_the_person() -> None:
    said = (
        ("ann", "Is the reactor safe?"),
        ("bob", "Ask the board."),
        ("ann", "They do not answer."),
        ("cleo", "Yes."),
    )
    posts = "".join(AVATAR.format(of=ord(name[0]), name=name, said=text) for name, text in said)

    found = thread(f"<h1>Reactor talk</h1><div>{posts}</div>", "https://forum.example/topic/9")

    assert [(name, text) for name, _, text in facts(found)] == list(said)


def test_a_solution_that_is_shown_whole_above_the_answers_and_cut_off_among_them_stays_whole() -> None:
    first, answer = xenforo(1, "ann", "Is it safe?"), xenforo(2, "bob", "Ask the board.")
    above, below = xenforo(3, "cleo", "It is safe."), xenforo(3, "cleo", "It is …")

    found = thread(f"{first}{above}{answer}{below}", "https://forum.example/threads/x.9/", "XF")

    assert [text for _, _, text in facts(found)] == ["Is it safe?", "Ask the board.", "It is safe."]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("Von Braun", None, "Von Braun"), ["Von Braun", None, "Von Braun"]),
        (("da Silva", "da Silva"), ["da Silva", "da Silva"]),
        (("by Ann", "by Ann"), ["Ann", "Ann"]),
        (("von Ann", "von Bob"), ["Ann", "Bob"]),
    ],
)
def test_the_first_word_of_the_only_name_on_a_page_is_part_of_it(
    names: tuple[str | None, ...], shown: list[str | None]
) -> None:
    assert without_by(names) == shown
