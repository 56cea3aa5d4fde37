"""Posts of Mastodon, Bluesky and Telegram are read as they are written there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from extractor.forums.registry import Thread, answers_with_posts, forum_links, read_thread
from extractor.forums.social.addresses import same_post
from extractor.forums.social.json_pages import may_have_posts
from extractor.html.page import Page
from extractor.reading import extract

MASTODON = "https://social.example/api/v1"
BLUESKY = "https://api.example/xrpc/app.bsky.feed"
ALICE = {"id": "7", "username": "alice", "acct": "alice", "display_name": "Alice"}
BOB = {"id": "8", "username": "bob", "acct": "bob@other.example", "display_name": "Bob"}
PICTURE = {"id": "1", "type": "image", "url": "https://files.example/quay.png", "description": "The quay at dawn"}


def status(number: str = "41", said: str = "<p>The harbour is open.</p>", **more: Any) -> dict[str, Any]:
    facts = {"id": number, "content": said, "account": ALICE, "created_at": "2026-11-08T03:48:33.901Z"}
    return {**facts, "url": f"https://social.example/@alice/{number}", "favourites_count": 4, **more}


def page(url: str, said: Any) -> Page:
    return Page(url, json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def thread_of(url: str, said: Any) -> Thread:
    thread = read_thread(page(url, said))
    assert thread is not None
    return thread


def test_a_post_of_mastodon_has_its_warning_text_poll_and_pictures_with_their_descriptions() -> None:
    poll = {"options": [{"title": "Yes", "votes_count": 6}, {"title": "No", "votes_count": None}]}
    said = status(
        said='<p>The harbour is <a href="https://harbour.example/">open</a>.</p><p>Come by!</p>',
        spoiler_text="Ships & seas",
        poll=poll,
        media_attachments=[PICTURE],
        tags=[{"name": "harbour", "url": "https://social.example/tags/harbour"}],
    )

    thread = thread_of(f"{MASTODON}/statuses/41", said)
    (post,) = thread.posts

    assert post.text.split("\n") == ["Ships & seas", "The harbour is open.", "Come by!", "Yes: 6", "No"]
    assert (post.id, post.author, post.score) == ("41", "alice@social.example", 4)
    assert post.date is not None
    assert post.date.startswith("2026-11-08T03:48:33")
    assert post.url == "https://social.example/@alice/41"
    assert [(one.url, one.name) for one in post.attachments] == [("https://files.example/quay.png", "The quay at dawn")]
    assert "[open](https://harbour.example/)" in post.markdown
    assert (thread.title, thread.tags, thread.page, thread.pages) == ("Ships & seas", ("harbour",), 1, 1)


@pytest.mark.parametrize("field", ["reblog", "quote"])
def test_a_boosted_or_quoted_post_is_a_quotation_with_its_author(field: str) -> None:
    theirs = status("9", "<p>Fog is coming.</p>", account=BOB, url="https://other.example/@bob/9")
    quoting = {"reblog": theirs} if field == "reblog" else {"quote": {"state": "accepted", "quoted_status": theirs}}
    own = "<p>Fog is coming.</p>" if field == "reblog" else "<p>Take care:</p><blockquote>Look.</blockquote>"

    (post,) = thread_of(f"{MASTODON}/statuses/42", status("42", own, **quoting)).posts
    cited = post.quotes[-1]

    assert post.author == "alice@social.example"
    assert (cited.text, cited.author, cited.post) == ("Fog is coming.", "bob@other.example", "9")
    assert cited.url == "https://other.example/@bob/9"
    assert post.text.count("Fog is coming.") == 1
    assert "Fog" not in post.own


def test_replies_of_mastodon_are_the_second_page_of_a_post_and_versions_a_thread_of_their_own() -> None:
    first = page(f"{MASTODON}/statuses/41", status(replies_count=1, edited_at="2026-11-09T10:00:00.000Z"))
    links = forum_links(first)
    context = {"ancestors": [], "descendants": [status("43", "<p>Thanks!</p>", account=BOB, in_reply_to_id="41")]}
    replies = thread_of(f"{MASTODON}/statuses/41/context", context)
    versions = thread_of(f"{MASTODON}/statuses/41/history", [status(said="<p>Open.</p>"), status()])

    assert links is not None
    assert (links.next, links.home) == (f"{MASTODON}/statuses/41/context", f"{MASTODON}/statuses/41")
    assert [(one.url, one.last_post) for one in links.beside] == [
        (f"{MASTODON}/statuses/41/history", "2026-11-09T10:00:00+00:00")
    ]
    assert [(post.id, post.author, post.answers) for post in replies.posts] == [("43", "bob@other.example", "41")]
    assert (replies.home, replies.page, replies.pages) == (f"{MASTODON}/statuses/41", 2, 2)
    assert [(post.id, post.text) for post in versions.posts] == [("1", "Open."), ("2", "The harbour is open.")]
    assert versions.home == f"{MASTODON}/statuses/41/history"


def test_a_list_of_mastodon_names_each_post_once_and_the_list_below_it() -> None:
    listed = [
        status("44", replies_count=2, edited_at="2026-11-10T09:00:00Z"),
        status("43", reblog=status("9", account=BOB)),
    ]
    links = forum_links(page(f"{MASTODON}/accounts/7/statuses?limit=40&max_id=50", listed))
    empty = page(f"{MASTODON}/accounts/7/statuses?limit=40", [])

    assert links is not None
    assert [(one.url, one.replies) for one in links.threads] == [
        (f"{MASTODON}/statuses/44", 2),
        (f"{MASTODON}/statuses/43", None),
    ]
    assert links.threads[0].last_post == "2026-11-10T09:00:00+00:00"
    assert links.next == f"{MASTODON}/accounts/7/statuses?limit=40&max_id=43"
    assert answers_with_posts(empty)
    assert forum_links(empty) is not None
    assert not answers_with_posts(page(f"{MASTODON}/accounts/7/statuses", {"error": "Too many requests"}))


def view(key: str = "3la", said: str = "The harbour is open.", **more: Any) -> dict[str, Any]:
    record = {"$type": "app.bsky.feed.post", "text": said, "createdAt": "2026-11-08T03:48:33.901Z", **more}
    author = {"did": "did:plc:alice", "handle": "alice.example", "displayName": "Alice"}
    embed = record.pop("shown", {})
    return {
        "uri": f"at://did:plc:alice/app.bsky.feed.post/{key}",
        "cid": "bafy",
        "author": author,
        "record": record,
        "embed": embed,
        "likeCount": 5,
        "replyCount": 1,
        "indexedAt": "2026-11-08T03:48:34.000Z",
        "labels": [{"val": "graphic-media", "src": "did:plc:alice"}],
    }


def test_a_post_of_bluesky_has_its_text_with_links_and_its_pictures_with_their_descriptions() -> None:
    said = "Küste: harbour.example\n#harbour"
    start = len("Küste: ".encode())
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://harbour.example/a?b=1&c=2"}
    facets = [{"index": {"byteStart": start, "byteEnd": start + 15}, "features": [link]}]
    picture = {"thumb": "https://cdn.example/t.jpg", "fullsize": "https://cdn.example/f.jpg", "alt": "The quay"}
    images = {"$type": "app.bsky.embed.images#view", "images": [picture]}
    top = {"post": view(said=said, facets=facets, shown=images)}

    thread = thread_of(f"{BLUESKY}.getPostThread?uri=at%3A%2F%2Fx&depth=100", {"thread": top})
    (post,) = thread.posts

    assert post.text == said
    assert "[harbour.example](https://harbour.example/a?b=1&c=2)" in post.markdown
    assert (post.author, post.score) == ("alice.example", 5)
    assert post.url == "https://bsky.app/profile/did:plc:alice/post/3la"
    assert [(one.url, one.name) for one in post.attachments] == [("https://cdn.example/f.jpg", "The quay")]
    assert (thread.title, thread.tags) == ("Küste: harbour.example", ("graphic-media",))


def test_replies_of_bluesky_stand_below_their_post_and_a_deleted_one_is_not_there() -> None:
    first, answer, deeper = view("3la"), view("3lb", "Thanks!"), view("3lc", "Indeed.")
    answer["record"]["reply"] = {"parent": {"uri": first["uri"]}, "root": {"uri": first["uri"]}}
    deeper["record"]["reply"] = {"parent": {"uri": answer["uri"]}, "root": {"uri": first["uri"]}}
    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": True}
    beside = {"post": view("3lz", "Another conversation.")}
    above = {"post": view("3l0", "Before."), "replies": [beside], "parent": gone}
    said = {
        "thread": {"post": first, "parent": above, "replies": [{"post": answer, "replies": [{"post": deeper}]}, gone]}
    }

    posts = thread_of(f"{BLUESKY}.getPostThread?uri=at%3A%2F%2Fx", said).posts

    assert [post.text for post in posts] == ["The harbour is open.", "Before.", "Thanks!", "Indeed."]
    assert [post.answers for post in posts[2:]] == [first["uri"], answer["uri"]]


def test_a_quoted_post_and_the_card_of_a_page_are_read_on_bluesky() -> None:
    theirs = {"$type": "app.bsky.embed.record#viewRecord", "uri": "at://did:plc:bob/app.bsky.feed.post/3lq"}
    theirs |= {"author": {"did": "did:plc:bob", "handle": "bob.example"}, "value": {"text": "Fog is coming."}}  # type: ignore[dict-item]
    card = {"external": {"uri": "https://harbour.example/fog", "title": "Fog", "description": "It is thick."}}
    shown = {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": theirs}, "media": card}

    (post,) = thread_of(f"{BLUESKY}.getPostThread?uri=x", {"thread": {"post": view("3la", "See:", shown=shown)}}).posts

    assert post.text.split("\n") == ["See:", "Fog", "It is thick.", "Fog is coming."]
    assert (post.quotes[0].text, post.quotes[0].author) == ("Fog is coming.", "bob.example")
    assert post.quotes[0].url == "https://bsky.app/profile/did:plc:bob/post/3lq"


def test_a_feed_of_bluesky_names_each_post_once_and_the_page_after_its_cursor() -> None:
    repost = {"post": view("3la"), "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": {}}}
    said = {"feed": [{"post": view("3lb")}, {"post": view("3la")}, repost], "cursor": "2026-11-08T03:48:33Z"}

    links = forum_links(page(f"{BLUESKY}.getAuthorFeed?actor=alice.example&limit=100&cursor=z", said))

    assert links is not None
    assert [one.url for one in links.threads] == [
        f"{BLUESKY}.getPostThread?uri=at%3A%2F%2Fdid%3Aplc%3Aalice%2Fapp.bsky.feed.post%2F{key}&depth=100"
        for key in ("3lb", "3la")
    ]
    assert links.next == f"{BLUESKY}.getAuthorFeed?actor=alice.example&limit=100&cursor=2026-11-08T03%3A48%3A33Z"


def test_posts_in_json_have_a_text_and_other_json_has_none() -> None:
    read = extract(page(f"{MASTODON}/statuses/41", status()))
    other = extract(page(f"{MASTODON}/statuses/41", {"error": "Record not found"}))
    elsewhere = extract(page("https://news.example/articles.json", [status()]))

    assert read is not None
    assert (read.text, read.authors, read.language) == (
        "The harbour is open.",
        ("alice@social.example",),
        read.language,
    )
    assert read.date is not None
    assert read.date.startswith("2026-11-08")
    assert read.origins["text"] == "posts of mastodon"
    assert other is None
    assert elsewhere is None


def test_only_addresses_of_interfaces_with_posts_are_read_as_posts() -> None:
    assert may_have_posts(f"{MASTODON}/statuses/41/context", "application/json")
    assert may_have_posts(f"{BLUESKY}.getPostThread?uri=at%3A%2F%2Fx", "application/json")
    assert may_have_posts("https://e.org/t/tides/12.json?page=2", "application/json")
    assert may_have_posts("https://e.org/t/12/posts.json?post_ids[]=3", "application/json")
    assert not may_have_posts("https://e.org/t/tides.json", "application/json")
    assert not may_have_posts("https://e.org/latest.json", "application/json")
    assert not may_have_posts(f"{MASTODON}/instance", "application/json")
    assert not may_have_posts(f"{MASTODON}/statuses/41", "text/html")


@pytest.mark.parametrize("said", [[], {}, [1], [None], {"feed": 3}, {"thread": []}, {"content": 1}, "text", 7, None])
@pytest.mark.parametrize(
    "url", [f"{MASTODON}/statuses/41", f"{MASTODON}/accounts/7/statuses", f"{BLUESKY}.getAuthorFeed?a"]
)
def test_json_of_another_form_is_neither_a_thread_nor_a_list(url: str, said: Any) -> None:
    links = forum_links(page(url, said))

    assert read_thread(page(url, said)) is None
    assert links is None or (links.threads, links.next) == ((), None)


DOCUMENTS = {
    f"{MASTODON}/statuses/41": status(
        poll={"options": [{"title": "yes", "votes_count": 1}]}, media_attachments=[PICTURE]
    ),
    f"{MASTODON}/accounts/7/statuses": [status(), status("40", reblog=status("39"))],
    f"{MASTODON}/statuses/41/context": {"ancestors": [], "descendants": [status("42", in_reply_to_id="41")]},
    f"{BLUESKY}.getAuthorFeed?actor=alice": {"feed": [{"post": view()}], "cursor": "2026"},
    f"{BLUESKY}.getPostThread?uri=at": {"thread": {"post": view(), "replies": [{"post": view("3lb"), "replies": []}]}},
}


@pytest.mark.parametrize("url", DOCUMENTS)
def test_no_changed_value_in_an_answer_makes_a_reader_raise(url: str) -> None:
    for said in changed(DOCUMENTS[url]):
        read_thread(page(url, said))
        forum_links(page(url, said))


def changed(value: Any) -> Iterator[Any]:
    """Yield it with each value in it replaced by others, or left out."""
    yield from (None, True, -1, 10**30, "", "http://[", "2026-13-99T", "<b", [], [None], {}, {"id": {}})
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (
            {k: v for k, v in value.items() if k != key} if isinstance(value, dict) else value[:key] + value[key + 1 :]
        )
        for other in changed(value[key]):
            yield {**value, key: other} if isinstance(value, dict) else [*value[:key], other, *value[key + 1 :]]


def test_a_count_that_no_table_can_hold_is_none() -> None:
    posts = [thread_of(f"{MASTODON}/statuses/41", status(favourites_count=n)).posts[0] for n in (2**63 - 1, 10**30)]

    assert [post.score for post in posts] == [2**63 - 1, None]


def test_half_a_character_in_a_text_is_replaced() -> None:
    said = json.dumps(status(spoiler_text="?Ships")).replace("?", "\\ud800").encode()
    thread = read_thread(Page(f"{MASTODON}/statuses/41", said, "application/json"))

    assert thread is not None
    assert thread.posts[0].text.encode().decode().startswith("\ufffdShips")


def test_a_post_of_mastodon_is_one_page_with_its_replies_and_versions() -> None:
    page_of_it, status_of_it = "https://social.example/@alice/41", f"{MASTODON}/statuses/41"
    interface = {status_of_it, f"{status_of_it}/context", f"{status_of_it}/history"}
    by_user = "https://social.example/users/alice/statuses/41"

    assert {*same_post(page_of_it)} == {*interface, by_user}
    assert {*same_post(by_user)} == {*interface, page_of_it}
    assert {*same_post(f"{status_of_it}/history"), f"{status_of_it}/history"} == interface
    assert same_post("https://social.example/@alice") == ()
    assert same_post("https://social.example/41") == ()


def test_a_post_of_telegram_is_one_page_in_all_its_frames() -> None:
    framed = "https://t.me/harbour_news/7?embed=1&mode=tme"

    assert {*same_post(framed)} == {"https://t.me/harbour_news/7", "https://t.me/s/harbour_news/7"}
    assert framed in same_post("https://t.me/harbour_news/7")
    assert same_post("https://news.example/harbour_news/7") == ()
