"""A post that is taken down by its address in an interface is taken down with its page for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from specimens.versions import Version, keep
from sqlalchemy import text

from config.settings import Settings
from extractor.values.thread import Post, Thread
from extractor.values.thread_json import thread_json
from pressmark.service.access.take_downs import ActiveTakeDowns, covering
from pressmark.service.assembly import open_pressmark

MASTODON = "https://social.example/api/v1/statuses/41"
BLUESKY = (
    "https://api.example/xrpc/app.bsky.feed.getPostThread?uri=at%3A%2F%2Fdid%3Aplc%3Ax%2Fapp.bsky.feed.post%2F3kab"
)


NUMBERED = "https://bsky.app/profile/did:plc:x/post/3kab"
"""The page of the same post, with the number of its author."""


URI = "at://did:plc:x/app.bsky.feed.post/3kab"


def answer(url: str, *pages: str) -> Version:
    """Return the answer of an interface, whose posts have these addresses; the last post is the requested one."""
    ids = (*(f"at://did:plc:m{n}/app.bsky.feed.post/3kab" for n in range(len(pages) - 1)), URI)
    posts = tuple(
        Post(id_, "alice", None, "Ships.", "Ships.", "Ships.", url=page) for id_, page in zip(ids, pages, strict=True)
    )
    thread = Thread(url, "mastodon", "Ships", posts, home=url, page=1, pages=1)
    return Version("Ships.", url, 0, facts={"fields": {"thread": thread_json(thread)}})


@pytest.mark.parametrize(
    ("asked", "named", "page", "others"),
    [
        (
            MASTODON,
            MASTODON,
            "https://social.example/@alice/41",
            ("https://other.example/@alice/41", "https://social.example/@alice/42"),
        ),
        (
            MASTODON,
            f"{MASTODON}/context",
            "https://social.example/@alice/41",
            ("https://social.example/@alice/411",),
        ),
        (
            BLUESKY,
            BLUESKY,
            "https://bsky.app/profile/alice.example/post/3kab",
            (
                "https://bsky.app/profile/alice.example/post/3kac",
                "https://bsky.example/profile/alice/post/3kab",
                "https://bsky.app/profile/did:plc:victim/post/3kab",  # another account chose the same key
            ),
        ),
    ],
)
def test_the_page_of_a_post_is_hidden_and_no_other_that_the_answer_names(
    tmp_path: Path, asked: str, named: str, page: str, others: tuple[str, ...]
) -> None:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        before = service.take_downs.add(named, "asked for", by="person ada")
        unread = covering(service.take_downs.active(), page)
        service.take_downs.lift(before.id, by="person ada")
        keep(service, tmp_path / "warcs", answer(asked, *others, page))
        keep(service, tmp_path / "warcs", Version("Record not found", asked, 1))
        added = service.take_downs.add(named, "asked for", by="person ada")
        with service.database.writing() as connection:  # as a purge does
            connection.execute(text("DELETE FROM texts"))
        active = ActiveTakeDowns(service.database, service.index, now=service.now).active()
        rows = [(one.url, one.reason) for one in active]

    assert unread is None  # nothing says yet which page it is
    by_name = {"https://bsky.app/profile/alice/post/3kab"} if named == BLUESKY else set()
    assert page in added.also and {*rows} == {(each, "asked for") for each in (named, page, *by_name)}
    assert covering(active, page) is not None and covering(active, asked) is not None
    assert [other for other in others if covering(active, other)] == []


def test_a_post_of_bluesky_by_the_number_of_its_author_is_hidden_at_both_addresses(tmp_path: Path) -> None:
    public = BLUESKY.replace("api.example", "public.api.bsky.app")
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        of_page = service.take_downs.add(NUMBERED, "asked for", by="person ada")
        assert covering(service.take_downs.active(), f"{public}&depth=100") is not None
        service.take_downs.lift(of_page.id, by="person ada")
        service.take_downs.add(BLUESKY, "asked for", by="person ada")
        assert covering(service.take_downs.active(), NUMBERED) is not None
        assert covering(service.take_downs.active(), NUMBERED.replace("3kab", "3kac")) is None


def test_a_post_of_bluesky_may_be_named_by_the_name_of_its_author_and_hides_no_other_ones(tmp_path: Path) -> None:
    asked = BLUESKY.replace("did%3Aplc%3Ax", "alice.example")
    own, victim = NUMBERED, NUMBERED.replace("did:plc:x", "did:plc:victim")
    posts = tuple(
        Post(page.partition("/post/")[0], name, None, "Ships.", "Ships.", "Ships.", url=page)
        for page, name in ((victim, "bob.example"), (own, "alice.example"))
    )
    thread = Thread(asked, "bluesky", "Ships", posts, home=asked, page=1, pages=1)
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        keep(
            service, tmp_path / "warcs", Version("Ships.", asked, 0, facts={"fields": {"thread": thread_json(thread)}})
        )
        service.take_downs.add(asked, "asked for", by="person ada")
        active = service.take_downs.active()

    assert covering(active, own) is not None and covering(active, victim) is None
