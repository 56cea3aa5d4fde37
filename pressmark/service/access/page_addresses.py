"""The other addresses of the pages that people took down or hold: a decision about a page is about all of them."""

from __future__ import annotations

from collections.abc import Sequence

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.database.engine import Database
from archive.index.aliases import Aliases
from archive.texts.texts import Texts
from extractor.forums.social.addresses import pages_among, post_asked_for, same_post
from scheduler.ledger.holds import Hold
from scheduler.ledger.take_downs import TakeDown


def other_addresses(database: Database, some: Sequence[TakeDown | Hold]) -> list[tuple[str, ...]]:
    """Return the other addresses of each decision's page; none for more than a page.

    A post has those of its replies and versions, but not for single captures: these answers have captures of their own
    at other times. Nothing is hidden from the answer, as it is for all callers. Raises DatabaseUnusable.
    """
    pages = [one.url for one in some if one.match == "exact" and one.url]
    with closing_collections(frozenset()), hiding(TakenDown()):
        known = Aliases(database).same_page(pages) if pages else {}
    return [_of(one, known[one.url]) if one.match == "exact" and one.url else () for one in some]


def _of(one: TakeDown | Hold, known: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *(() if one.at else same_post(one.url)))))


def pages_of_post(database: Database, url: str) -> tuple[str, ...]:
    """Return the pages for people of a post that is named by its address in an interface, as archived answers say.

    Later answers may say something else, and a purge deletes them: who decides about a page stores it.
    """
    if (asked := post_asked_for(url)) is None:
        return ()
    with closing_collections(frozenset()), hiding(TakenDown()):
        threads = [text.thread for text in Texts(database).of_url(asked)]
    posts = [(post.id, post.url, post.author) for thread in threads if thread is not None for post in thread.posts]
    return pages_among(url, posts)
