"""The page of a capture names what its posts are: the thread of a forum, or the comments under an article."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from services.retrieving import HOME, Retrieving, retrieving, served
from specimens.segments import CONTEXT, SegmentFile, answered
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


def test_a_page_and_the_api_say_what_the_site_says_of_its_use(tmp_path: Path) -> None:
    with retrieving(tmp_path / "home") as asked:
        segment = SegmentFile(tmp_path / "home", "20260131T120000Z-1-2-aaaa")
        reserved = ("Content-Type: text/html", "TDM-Reservation: 1", "X-Robots-Tag: noarchive")
        told_elsewhere = replace(CONTEXT, reservations=(("robots.txt content-signal", "ai-train=no"),))
        segment.write(answered("http://reserved.example/", b"<p>Reserved.", headers=reserved), context=told_elsewhere)
        at = segment.captures[0].at
        asked.service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=at)
        asked.service.index.add(segment.captures)
        pages = [asked.text(f"/snapshot/latest/{url}") for url in ("http://reserved.example/", HOME)]
        told = [
            json.loads(asked.text(f"/api/v1/snapshots/latest/json/{url}"))["reservations"]
            for url in ("http://reserved.example/", HOME)
        ]

    elsewhere = ["robots.txt content-signal", "ai-train=no"]
    assert told == [[["tdm-reservation", "1"], ["x-robots-tag", "noarchive"], elsewhere], []]
    assert ["<code>tdm-reservation: 1</code>, <code>x-robots-tag: noarchive</code>" in page for page in pages] == [
        True,
        False,
    ]
