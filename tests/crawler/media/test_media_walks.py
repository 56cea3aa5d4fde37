"""Video and audio of pages are archived as the servers sent them, and a record beside the page lists them."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from crawling.crawls import Run, events, source
from crawling.media_pages import CLIP, FILES, furnish, listed, payload
from crawling.site import ETAG, Reply, Site, html, once_changed

from crawler.policy.shared import ArchivedBody

pytestmark = pytest.mark.timeout(120)


def test_a_video_is_archived_and_the_record_beside_the_page_names_its_capture(site: Site, run: Run) -> None:
    furnish(site)

    outcome = run(source(f"{site.url}/p", walk="page", keep={"media": "video"}))

    assert (outcome.outcome, outcome.pages) == ("done", 1)
    (medium,) = listed(run, f"{site.url}/p")
    assert (medium.state, medium.files[0].mime, medium.files[0].length) == ("kept", "video/webm", len(CLIP))
    assert payload(run, medium) == CLIP
    (record, _, _) = run.archive.derived[0]
    page = next(capture for _, _, capture in run.archive.kept if capture.url == f"{site.url}/p")
    assert record.original is not None
    assert (record.kind, record.original.record_id) == ("resource", page.record_id)
    assert site.times("/p") == 1, "yt-dlp is given the answer that the worker has"


@pytest.mark.parametrize("manifest", ["hls", pytest.param("dash", marks=pytest.mark.costly)])
def test_the_segments_of_a_stream_are_archived_each_and_make_its_file(site: Site, run: Run, manifest: str) -> None:
    furnish(site)

    run(source(f"{site.url}/{manifest}", walk="page", keep={"media": "all"}))

    (medium,) = listed(run, f"{site.url}/{manifest}")
    assert medium.state == "kept"
    assert [piece.url for piece in medium.files[0].pieces] == [
        f"{site.url}/s/{name}" for name in ("init.mp4", "stream0.m4s", "stream1.m4s")
    ]
    whole = b"".join((FILES / name).read_bytes() for name in ("init.mp4", "stream0.m4s", "stream1.m4s"))
    assert (payload(run, medium), medium.files[0].mime) == (whole, "video/mp4")
    recorded = sorted(exchange.request.url for exchange, _, _ in run.archive.kept)
    assert recorded == sorted(site.url + asked.path for asked in site.asked), "each request of yt-dlp is recorded"
    assert not any(event["event"] == "media-not-confined" for event in events(run))


@pytest.mark.costly
@pytest.mark.parametrize(("media", "pages"), [("audio", ["/mp3"]), ("video", ["/p"]), ("none", [])])
def test_only_the_media_that_the_source_names_are_archived(site: Site, run: Run, media: str, pages: list[str]) -> None:
    furnish(site)

    run(source(f"{site.url}/p", f"{site.url}/mp3", walk="page", keep={"media": media}))

    kept = [path for path in ("/p", "/mp3") if any(one.files for one in listed(run, site.url + path))]
    assert kept == pages


def test_a_file_that_is_too_large_or_of_a_forbidden_address_is_named(site: Site, run: Run) -> None:
    furnish(site)
    site.routes["/p2"] = Reply(body="<title>x</title><video src=http://10.0.0.1/clip.mp4></video>")
    seeds = (f"{site.url}/p", f"{site.url}/p2")

    outcome = run(source(*seeds, walk="page", keep={"media": "all"}, limits={"media_bytes": "2KiB"}))

    (large,), (forbidden,) = (listed(run, url) for url in seeds)
    assert (large.state, large.reason) == ("too-large", "it is larger than limits.media_bytes allows (2.0 KiB)")
    assert (forbidden.state, forbidden.reason) == ("failed", "forbidden address (private)")
    assert (outcome.outcome, outcome.reason) == ("partial", "2 video or audio files were found and not archived")


@pytest.mark.costly
def test_media_that_are_archived_are_not_requested_again(site: Site, run: Run) -> None:
    furnish(site)
    ours = source(f"{site.url}/p", walk="page", keep={"media": "video"})

    run(ours)
    first = listed(run, f"{site.url}/p")
    run.archive.bodies |= {
        capture.record_id: ArchivedBody(derived.body, derived.mime) for derived, _, capture in run.archive.derived
    }
    run(ours)

    assert site.times("/clip.webm") == 1
    assert (len(run.archive.derived), listed(run, f"{site.url}/p")) == (2, first)


@pytest.mark.costly
def test_an_unchanged_page_keeps_its_list_and_misses_nothing_that_failed(site: Site, run: Run) -> None:
    furnish(site)
    page, clip = site.routes["/p"], site.routes["/clip.webm"]
    assert isinstance(page, Reply)
    site.routes |= {"/p": once_changed(replace(page, headers=ETAG)), "/clip.webm": Reply(503)}
    ours = source(f"{site.url}/p", walk="page", keep={"media": "video"})
    states = []
    for answer in (None, clip, None):
        if answer is not None:
            site.routes["/clip.webm"] = answer
        run(ours)
        states.append([one.state for one in listed(run, f"{site.url}/p")])
        run.archive.bodies |= {
            capture.record_id: ArchivedBody(derived.body, derived.mime) for derived, _, capture in run.archive.derived
        } | {
            capture.record_id: ArchivedBody(exchange.response.body, "text/html")  # type: ignore[arg-type, union-attr]
            for exchange, _, capture in run.archive.kept
            if capture.url.endswith("/p") and capture.status == 200
        }

    assert states == [["failed"], ["kept"], ["kept"]]
    assert (site.times("/clip.webm"), len(run.archive.derived)) == (2, 3)
    assert [derived.original.at for derived, _, _ in run.archive.derived if derived.original] == [
        capture.at for _, _, capture in run.archive.kept if capture.url.endswith("/p")
    ]


def test_a_run_without_ytdlp_says_so_and_how_to_install_it(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yt_dlp", None)  # as where it is not installed
    furnish(site)

    outcome = run(source(f"{site.url}/p", walk="page", keep={"media": "video"}))

    assert (outcome.outcome, outcome.reason) == (
        "partial",
        "yt-dlp is not installed, so Pressmark did not look for the video and audio of 1 page; "
        "install it with pip install 'pressmark[media]'",
    )
    assert [event["reason"] for event in events(run) if event["event"] == "no-media"] == [
        "yt-dlp is not installed: pip install 'pressmark[media]'"
    ]


@pytest.mark.costly
def test_a_page_without_media_starts_no_process(site: Site, run: Run) -> None:
    site.routes["/p"] = html(text="Text alone.")

    outcome = run(source(f"{site.url}/p", walk="page", keep={"media": "all"}))

    assert (outcome.outcome, run.archive.derived) == ("done", [])
