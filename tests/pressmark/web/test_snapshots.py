"""The page of a capture names what its posts are: the thread of a forum, or the comments under an article."""

from __future__ import annotations

from pathlib import Path

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import THREAD, URL, Version, keep, thread_version

from config.settings import Settings
from extractor.values.thread import Post, Thread
from extractor.values.thread_json import thread_json
from pressmark.service.assembly import open_pressmark

COMMENTS = Thread(URL, "comments", "The clock", (Post("c1", "Ada", None, "I heard it.", "I heard it."),))


@pytest.mark.parametrize(
    ("page", "said", "unsaid"),
    [
        (THREAD, "Whole thread", "All comments"),
        (URL, "All comments", "Whole thread"),
    ],
)
def test_a_page_with_posts_links_to_all_of_them_by_their_name(
    tmp_path: Path, page: str, said: str, unsaid: str
) -> None:
    (tmp_path / "warcs").mkdir()
    facts = {"fields": {"thread": thread_json(COMMENTS)}}
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        for minute in (0, 1):
            article = Version(f"The clock struck {minute}.", URL, minute, facts=facts)
            keep(service, tmp_path / "warcs", article, thread_version([("1", f"No. {minute}")], minute + 2))
        with served(service) as url:
            door = Retrieving(url, service, [])
            pages = [door.text(f"/{view}/latest/{page}") for view in ("view/text", "diff/previous")]

    assert [said in text for text in pages] == [True, True]
    assert [unsaid in text for text in pages] == [False, False]
