"""The history of a thread, from readings of its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.retrieval.thread_history import CapturedPage, Edit, KeptPost, MissingPage, WholeThread, joined
from extractor.values.thread import Post, Thread

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
HOME = "https://forum.example/t/7"
A_PAGE = 3


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def page(posts: Sequence[tuple[str, str]], number: int = 1, pages: int = 1) -> Thread:
    return Thread(
        url=HOME if number == 1 else f"{HOME}?page={number}",
        engine="spirit",
        title="The reactor",
        posts=tuple(Post(key, "ann", None, text, text, text) for key, text in posts),
        home=HOME,
        page=number,
        pages=pages,
        next=f"{HOME}?page={number + 1}" if number < pages else None,
    )


def pages_of(posts: Sequence[tuple[str, str]], at: datetime) -> list[CapturedPage]:
    """Return readings of all pages of a thread at one time."""
    count = max(1, -(-len(posts) // A_PAGE))
    cut = [posts[n * A_PAGE : (n + 1) * A_PAGE] for n in range(count)]
    return [CapturedPage(at, page(some, number, count)) for number, some in enumerate(cut, 1)]


def whole(*readings: CapturedPage | MissingPage) -> WholeThread:
    found = joined(readings)
    assert found is not None
    return found


def test_pages_are_joined_in_their_order() -> None:
    readings = pages_of([(str(n), f"post {n}") for n in range(8)], day(0))

    thread = whole(*reversed(readings))

    assert [kept.post.id for kept in thread.posts] == [str(n) for n in range(8)]
    assert (thread.complete, thread.url, thread.title) == (True, HOME, "The reactor")


def test_a_later_page_without_a_pager_follows_the_page_that_links_to_it() -> None:
    """Engine readers treat a page without a pager as the first page."""
    one, two, three = pages_of([(str(n), "x") for n in range(8)], day(0))
    alone = CapturedPage(day(0), replace(three.page, page=1, pages=1))
    again = CapturedPage(day(1), alone.page)

    thread = whole(one, two, alone, again)

    assert [kept.post.id for kept in thread.posts] == [str(n) for n in range(8)]
    assert (thread.missing, [kept.post.id for kept in thread.posts if kept.deleted]) == ((), [])


def test_the_first_page_stays_first_whatever_links_to_it() -> None:
    one, two = pages_of([(str(n), "x") for n in range(4)], day(0))
    round_about = CapturedPage(day(0), replace(two.page, next=HOME))

    thread = whole(one, round_about, CapturedPage(day(1), one.page))

    assert [kept.post.id for kept in thread.posts] == ["0", "1", "2", "3"]


def test_links_with_a_session_lead_to_pages_archived_without_it() -> None:
    sessions = (f"&sid={letter * 32}" for letter in "abcdef")
    readings = [
        replace(reading, page=replace(reading.page, next=f"{reading.page.next}{next(sessions)}"))
        if reading.page.next
        else reading
        for reading in (*pages_of([(str(n), "x") for n in range(8)], day(0)), *pages_of([("0", "x")], day(1)))
    ]

    thread = whole(*readings[:3])

    assert (thread.complete, [kept.post.id for kept in thread.posts]) == (True, [str(n) for n in range(8)])
    assert whole(*readings[:2]).missing == (f"{HOME}?page=3",)


def test_the_history_does_not_depend_on_the_board_page_in_the_address() -> None:
    """Discuz! adds the reader's page of the board to the address of a thread."""
    address = "https://forum.example/forum.php?mod=viewthread&tid=7"
    one, two = (
        replace(page([("1", said)]), url=f"{address}&extra=page%3D{number}", home=address)
        for number, said in ((1, "before"), (2, "after"))
    )

    thread = whole(CapturedPage(day(0), one), CapturedPage(day(1), two))
    gone = whole(CapturedPage(day(0), one), MissingPage(day(1), two.url))

    assert thread.posts[0].edits == (Edit(day(1), "before"),)
    assert thread.posts[0].captures == {day(0): one.url, day(1): two.url}
    assert (gone.deleted, gone.posts[0].deleted) == (day(1), day(1))


def test_a_missing_page_is_named() -> None:
    one, two, three, four = pages_of([(str(n), "x") for n in range(12)], day(0))

    assert whole(one, two, three).missing == (f"{HOME}?page=4",)
    assert whole(one, four).missing == (f"{HOME}?page=2", "page 3")
    assert whole(two, three, four).missing == ("page 1",)
    assert whole(one, two, three, four).missing == ()
    assert not whole(one).complete


def test_the_whole_thread_is_deleted_if_its_first_page_is_gone() -> None:
    kept = pages_of([("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")], day(0))

    gone = whole(*kept, MissingPage(day(2), HOME), MissingPage(day(3), HOME))
    back = whole(*kept, MissingPage(day(2), HOME), *pages_of([("1", "a"), ("2", "b"), ("3", "c")], day(4)))

    assert (gone.deleted, [kept.deleted for kept in gone.posts]) == (day(2), [day(2)] * 4)
    assert (gone.complete, gone.posts[3].captures[day(2)]) == (True, HOME)
    assert (back.deleted, [kept.deleted for kept in back.posts]) == (None, [None, None, None, day(2)])


def test_the_posts_of_a_later_page_that_is_gone_are_deleted_unless_another_has_them() -> None:
    one, two = pages_of([("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"), ("5", "e")], day(0))
    later = f"{HOME}?page=2"

    gone = whole(one, two, MissingPage(day(1), later))
    moved = whole(one, two, MissingPage(day(1), later), *pages_of([("1", "a"), ("2", "b"), ("4", "d")], day(2)))

    assert (gone.deleted, {kept.post.id: kept.deleted for kept in gone.posts if kept.deleted}) == (
        None,
        {"4": day(1), "5": day(1)},
    )
    assert {kept.post.id: kept.deleted for kept in moved.posts if kept.deleted} == {"3": day(2), "5": day(1)}


def test_a_missing_address_outside_the_thread_does_not_affect_it() -> None:
    thread = whole(
        *pages_of([("1", "a"), ("2", "b")], day(0)),
        MissingPage(day(1), f"{HOME}1"),
        MissingPage(day(2), f"{HOME}?page=9"),
    )

    assert (thread.deleted, [kept.deleted for kept in thread.posts]) == (None, [None, None])


def test_additions_edits_and_deletions_have_the_time_of_their_capture() -> None:
    thread = whole(
        CapturedPage(day(0), page([("1", "a"), ("2", "b")])),
        CapturedPage(day(1), page([("1", "a"), ("2", "b!"), ("3", "c")])),
        CapturedPage(day(2), page([("1", "a"), ("3", "c")])),
        CapturedPage(day(3), page([("1", "a"), ("3", "c")])),
    )

    one, two, three = thread.posts
    assert (one.added, one.seen, one.edits, one.deleted) == (day(0), day(3), (), None)
    assert (two.edits, two.seen, two.deleted) == ((Edit(day(1), "b"),), day(1), day(2))
    assert (three.added, three.post.text) == (day(1), "c")


def test_each_time_of_a_post_has_the_page_of_its_capture() -> None:
    before = pages_of([(str(n), "x") for n in range(4)], day(0))
    edited = pages_of([(str(n), "x" if n < 3 else "y") for n in range(4)], day(1))
    moved = pages_of([(str(n), "x" if n < 3 else "y") for n in (0, 2, 3)], day(2))
    gone = pages_of([("0", "x")], day(4))

    posts = {kept.post.id: kept for kept in whole(*before, *edited, *moved, *gone).posts}

    assert posts["3"].captures == {day(0): f"{HOME}?page=2", day(1): f"{HOME}?page=2", day(2): HOME, day(4): HOME}
    assert posts["0"].captures == {day(0): HOME, day(4): HOME}
    for kept in posts.values():
        times = {kept.added, kept.seen, *(edit.until for edit in kept.edits)} | (
            {kept.deleted} if kept.deleted else set()
        )
        assert kept.captures.keys() == times


def test_a_post_that_moves_to_another_page_is_not_deleted() -> None:
    before = pages_of([(str(n), "x") for n in range(4)], day(0))
    after = pages_of([(str(n), "x") for n in (0, 2, 3)], day(1))  # 3 has moved to the first page

    for order in (after, after[::-1]):
        thread = whole(*before, *order)
        assert {kept.post.id: kept.deleted for kept in thread.posts} == {"0": None, "1": day(1), "2": None, "3": None}


def test_a_post_that_reappears_does_not_count_as_deleted() -> None:
    with_it, without = page([("1", "a"), ("2", "b")]), page([("1", "a")])

    thread = whole(CapturedPage(day(0), with_it), CapturedPage(day(1), without), CapturedPage(day(2), with_it))

    assert [kept.deleted for kept in thread.posts] == [None, None]


def test_without_readings_there_is_no_thread() -> None:
    assert joined([]) is None


steps = st.lists(st.tuples(st.sampled_from(["add", "edit", "delete"]), st.integers(0, 50)), max_size=50)


@given(steps)
def test_the_history_is_exact_after_any_additions_edits_and_deletions(actions: list[tuple[str, int]]) -> None:
    """Read all pages after each step, like a complete crawl."""
    posts = [("0", "first 0")]
    readings = pages_of(posts, day(0))
    expected = {"0": KeptPost(readings[0].page.posts[0], day(0), day(0))}
    for number, (action, where) in enumerate(actions, 1):
        posts = changed(posts, action, where, number)
        readings += pages_of(posts, day(number))
        expected = seen(expected, posts, day(number))

    thread = whole(*readings)

    assert {kept.post.id: (kept.added, kept.edits, kept.deleted, kept.post.text) for kept in thread.posts} == {
        key: (kept.added, kept.edits, kept.deleted, kept.post.text) for key, kept in expected.items()
    }


def changed(posts: list[tuple[str, str]], action: str, where: int, number: int) -> list[tuple[str, str]]:
    if action == "add" or len(posts) < 2:
        return [*posts, (f"new {number}", f"text {number}")]
    at = where % len(posts)
    if action == "delete":
        return [*posts[:at], *posts[at + 1 :]]
    return [*posts[:at], (posts[at][0], f"edited {number}"), *posts[at + 1 :]]


def seen(known: dict[str, KeptPost], posts: list[tuple[str, str]], at: datetime) -> dict[str, KeptPost]:
    """Return the history that a comparison of two complete threads gives."""
    now = {}
    here = dict(posts)
    for key, kept in known.items():
        text = here.pop(key, None)
        edits = kept.edits if text in (None, kept.post.text) else (*kept.edits, Edit(at, kept.post.text))
        post = kept.post if text is None else Post(key, "ann", None, text, text, text)
        now[key] = KeptPost(post, kept.added, at, edits, kept.deleted or (at if text is None else None))
    return now | {key: KeptPost(Post(key, "ann", None, text, text, text), at, at) for key, text in here.items()}


def test_posts_of_a_page_that_is_gone_are_deleted() -> None:
    before = pages_of([(str(n), "x") for n in range(4)], day(0))
    after = pages_of([(str(n), "x") for n in range(3)], day(1))

    thread = whole(*before, *after)

    assert [kept.deleted for kept in thread.posts] == [None, None, None, day(1)]
    assert thread.complete


def test_a_message_in_place_of_posts_deletes_the_thread_until_it_is_back() -> None:
    had = pages_of([("1", "The first reading")], day(0))
    gone = MissingPage(day(1), HOME, 'no post, but the message "Gone fishing."', "Gone fishing.")

    thread, back = whole(*had, gone), whole(*had, gone, *pages_of([("1", "The first reading")], day(2)))

    assert (thread.deleted, thread.deleted_why, thread.posts[0].deleted) == (day(1), gone.why, day(1))
    assert [kept.post.text for kept in thread.posts] == ["The first reading"]
    assert (back.deleted, back.deleted_why) == (None, None)


@pytest.mark.parametrize(
    ("url", "message"),
    [(HOME, "Our forum. The first reading"), (f"{HOME}?action=reply", "Please write.")],
    ids=["with a post in it", "of an address without posts"],
)
def test_another_message_deletes_nothing(url: str, message: str) -> None:
    thread = whole(*pages_of([("1", "The first reading")], day(0)), MissingPage(day(1), url, "x", message))

    assert (thread.deleted, thread.posts[0].deleted) == (None, None)


def test_the_first_evidence_of_a_deletion_stays() -> None:
    gone = [MissingPage(day(1), HOME, "status 404"), MissingPage(day(2), HOME, "status 410")]

    assert whole(*pages_of([("1", "x")], day(0)), *gone).deleted_why == "status 404"


def test_answers_that_a_page_folds_are_not_deleted_and_those_missing_once_it_shows_all_are() -> None:
    def shown(*answers: str, folded: tuple[str, ...] = ()) -> Thread:
        posts = [Post("7", "ann", None, "how?"), *(Post(key, "bob", None, key, answers="7") for key in answers)]
        return replace(page([]), posts=tuple(posts), folded=folded)

    readings = [
        CapturedPage(day(0), shown("c1", "c2")),
        CapturedPage(day(1), shown("c3", folded=("7",))),
        CapturedPage(day(2), shown("c1", "c3")),
    ]

    folded, opened = whole(*readings[:2]), whole(*readings)

    assert {kept.post.id: kept.deleted for kept in folded.posts} == dict.fromkeys(("7", "c1", "c2", "c3"))
    assert {kept.post.id: kept.deleted for kept in opened.posts} == {"7": None, "c1": None, "c2": day(2), "c3": None}


def test_an_answer_to_a_post_that_folds_none_is_deleted() -> None:
    posts = (Post("7", "ann", None, "how?"), Post("c1", "bob", None, "so", answers="7"))
    readings = [
        CapturedPage(day(0), replace(page([]), posts=posts)),
        CapturedPage(day(1), replace(page([]), posts=posts[:1], folded=("8",))),
    ]

    assert [kept.deleted for kept in whole(*readings).posts] == [None, day(1)]
