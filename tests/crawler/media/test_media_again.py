"""What a run takes from a former list of media, what it fetches, and what it names as missed."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from crawling.crawls import Run, source
from crawling.media_pages import CLIP, FILES, PLAYLIST, file, furnish, listed, payload, playing, remember
from crawling.site import Reply, Site

from crawler.engine.direct_requests import DirectRequests
from crawler.engine.media_files import Downloads
from crawler.engine.media_memory import MediaMemory
from crawler.media.messages import Format, FoundMedium
from crawler.run.requests import Requests

pytestmark = pytest.mark.timeout(120)


def test_a_file_is_taken_from_the_former_list_by_its_address_and_another_one_is_fetched(site: Site, run: Run) -> None:
    furnish(site)
    site.routes |= {"/other.webm": Reply(body=CLIP + b"other", type="video/webm"), "/p": playing("/clip.webm")}
    ours, page = source(f"{site.url}/p", walk="page", keep={"media": "video"}), f"{site.url}/p"
    run(ours)
    remember(run)
    site.routes["/p"] = playing("/other.webm", "/clip.webm", title="Two lectures, the newest first")

    run(ours)

    new, old = listed(run, page)
    assert (payload(run, new), payload(run, old)) == (CLIP + b"other", CLIP)
    assert old.title.startswith("Two lectures"), "the list says what the page says now"
    assert (site.times("/other.webm"), site.times("/clip.webm")) == (1, 1)


@pytest.mark.costly
def test_what_was_left_out_is_archived_once_the_source_wants_it(site: Site, run: Run) -> None:
    furnish(site)
    url, states = f"{site.url}/p", []
    for media in ("audio", "all"):
        run(source(url, walk="page", keep={"media": media}))
        remember(run)
        states.append(listed(run, url)[0].state)

    assert states == ["left-out", "kept"]


def test_a_text_in_place_of_a_file_has_failed_and_is_requested_again(site: Site, run: Run) -> None:
    furnish(site)
    site.routes |= {
        "/p": playing("/login.webm", "/told.webm", "/packed.webm"),
        "/login.webm": Reply(body="<title>Log in</title>please log in to watch"),
        "/told.webm": Reply(body="<!doctype html><p>please log in to watch", type="video/webm"),
        "/packed.webm": Reply(body=gzip.compress(CLIP), type="video/webm", headers=(("Content-Encoding", "gzip"),)),
    }
    ours = source(f"{site.url}/p", walk="page", keep={"media": "video"})

    outcome = run(ours)
    first = [(one.state, one.reason) for one in listed(run, f"{site.url}/p")]
    remember(run)
    site.routes["/login.webm"] = file("clip.webm", "video/webm")
    run(ours)

    text = "the server of the file sent text (text/html), such as a page to log in"
    assert first == [
        ("failed", text),
        ("failed", text.replace("text/html", "video/webm")),
        ("failed", "the server sent the file with the content coding gzip, which players don't take"),
    ]
    assert outcome.outcome == "partial"
    assert payload(run, listed(run, f"{site.url}/p")[0]) == CLIP


def test_media_that_are_missed_are_named_and_a_long_playlist_is_read(site: Site, run: Run) -> None:
    furnish(site)
    stream = (FILES / "stream.m3u8").read_text()
    site.routes |= {
        "/long": playing("/s/long.m3u8"),
        "/s/long.m3u8": Reply(body=stream + f"# {'signature' * 10}\n" * 14_000, type=PLAYLIST),
        "/denied": playing("/s/denied.m3u8", "/clip.webm"),
        "/s/denied.m3u8": Reply(403, body="no", type=PLAYLIST),
        "/login": playing("/s/login.m3u8"),
        "/s/login.m3u8": Reply(body="<title>Log in</title>please log in to watch"),
        "/many": playing(*(f"/tone.mp3?{n}" for n in range(25)), tag="audio"),
        **{f"/tone.mp3?{n}": file("tone.mp3", "audio/mpeg") for n in range(25)},
    }
    pages = [f"{site.url}/{name}" for name in ("long", "denied", "login", "many")]

    outcome = run(source(*pages, walk="page", keep={"media": "all"}))

    long, denied, login, many = (listed(run, page) for page in pages)
    assert [(one.state, len(one.files[0].pieces)) for one in long] == [("kept", 3)]
    assert [one.state for one in denied] == ["kept", "failed"]
    assert "403" in denied[1].reason
    assert [one.state for one in login] == ["failed"]
    assert "something else than a playlist" in login[0].reason
    assert Counter(one.state for one in many) == {"kept": 20, "failed": 1}
    assert many[-1].reason == "the page has 25 videos and recordings; the first 20 are archived"
    assert (outcome.outcome, outcome.reason) == ("partial", "3 video or audio files were found and not archived")


def test_a_file_that_several_pages_have_is_requested_once_in_a_run(site: Site, run: Run) -> None:
    furnish(site)
    pages = [f"{site.url}/q{n}" for n in range(3)]
    site.routes |= {f"/q{n}": playing("/clip.webm", title=f"Page {n}") for n in range(3)}

    run(source(*pages, walk="page", keep={"media": "video"}))

    assert site.times("/clip.webm") == 1
    assert [payload(run, listed(run, page)[0]) for page in pages] == [CLIP] * 3


def test_a_server_that_never_answers_is_waited_for_as_for_a_page(site: Site, run: Run) -> None:
    site.routes |= {"/p": playing("/never.webm"), "/never.webm": Reply(body=CLIP, after=600, type="video/webm")}
    ours = source(f"{site.url}/p", walk="page", keep={"media": "all"}, politeness={"timeout": "1s", "retries": 0})

    outcome = run(ours)

    [one] = listed(run, f"{site.url}/p")
    reason = "the server of the file did not answer within politeness.timeout"
    assert (one.state, one.reason) == ("failed", reason)
    assert outcome.outcome == "partial"


def test_the_time_limit_is_that_of_a_whole_stream(site: Site, run: Run) -> None:
    pieces = [f"/piece{n}.ts" for n in range(8)]
    site.routes |= {piece: Reply(body=bytes(188), type="video/mp2t", after=0.3) for piece in pieces}
    limits = {"media_time": timedelta(seconds=1)}
    order = run.order(source(site.url, keep={"media": "all"}, limits=limits))
    stream = Format("", "http_dash_segments", "mp4", "both", fragments=tuple(site.url + piece for piece in pieces))

    async def main() -> str:
        run.crawls._loop = asyncio.get_running_loop()
        requests = DirectRequests(order, run.crawls._parts, pytest.fail)
        of_run = Requests(order.source, requests.identity, (), order.permissions)
        downloads = Downloads(requests, of_run, order.source.limits, "all", memory=MediaMemory())
        context = replace(requests.fetch("x").context, via=site.url)
        try:
            one = await downloads.of(FoundMedium("Generic", "1", "Slow", None, live=False, formats=(stream,)), context)
        finally:
            await requests.close()
        assert one is not None
        return f"{one.state}: {one.reason}"

    assert asyncio.run(main()) == "failed: it was not complete within limits.media_time"
    assert site.times(pieces[-1]) == 0
