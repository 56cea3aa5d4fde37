"""The walk `site`: all links within its scope."""

from __future__ import annotations

from gzip import compress
from pathlib import Path

from crawling.crawls import Run, archiving, source
from crawling.site import ETAG, Reply, Site, html, once_changed

from archive.warc.exchange_records import OriginalGone


def test_a_site_is_all_links_within_its_scope_each_once(site: Site, run: Run) -> None:
    site.routes |= {
        "/n/": html("/n/a", "b", "/other", "http://elsewhere.invalid/", "mailto:x@y.z"),
        "/n/a": html("/n/", "/n/b#top", "/n/b"),
        "/n/b": html("/n/c?utm_source=feed"),
        "/n/c": html(),
    }

    outcome = run(source(f"{site.url}/n/", walk="site"))

    assert sorted(site.paths) == ["/n/", "/n/a", "/n/b", "/n/c"]
    assert (outcome.outcome, outcome.pages, outcome.dropped["outside"]) == ("done", 4, 2)


def test_depth_is_counted_in_links_from_the_seed(site: Site, run: Run) -> None:
    site.routes |= {f"/{n}": html(f"/{n + 1}") for n in range(9)}

    outcome = run(source(f"{site.url}/0", walk="site", scope={"depth": 3}))

    assert site.paths == ["/0", "/1", "/2", "/3"]
    assert outcome.outcome == "done"


def test_a_page_in_another_encoding_is_followed_too(site: Site, run: Run) -> None:
    body = '<meta charset=gb2312><a href="/量子">量子</a>'.encode("gb18030")
    site.routes |= {"/": Reply(body=body, type="text/html"), "/%E9%87%8F%E5%AD%90": html()}

    run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/", "/%E9%87%8F%E5%AD%90"]


def test_a_compressed_page_is_read_and_archived_as_received(site: Site, run: Run) -> None:
    body = compress(b'<a href="/b">b</a>')
    site.routes |= {"/": Reply(body=body, headers=(("Content-Encoding", "gzip"),)), "/b": html()}

    run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/", "/b"]
    assert run.archive.kept[0][0].response.body == body  # type: ignore[union-attr]


def test_a_decompression_bomb_is_archived_and_read_up_to_a_limit(site: Site, run: Run) -> None:
    body = compress(b"<p>" + b" " * (80 << 20) + b'<a href="/b">b</a>')
    site.routes |= {"/": Reply(body=body, headers=(("Content-Encoding", "gzip"),)), "/b": html()}

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/"]
    assert outcome.outcome == "done"


def test_an_unchanged_page_is_followed_through_its_archived_copy(site: Site, run: Run) -> None:
    page = html("/b")
    site.routes |= {"/": once_changed(Reply(body=page.body, headers=ETAG)), "/b": html()}
    run(source(f"{site.url}/", walk="site"))
    site.asked.clear()

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.last("/").headers["if-none-match"] == '"one"'
    assert site.paths == ["/", "/b"]
    assert outcome.outcome == "unchanged"
    assert outcome.revisits == 2


def test_a_page_whose_links_are_followed_is_fetched_in_full_without_archived_copies(site: Site, tmp_path: Path) -> None:
    page = html("/b")
    site.routes |= {"/": once_changed(Reply(body=page.body, headers=ETAG)), "/b": html()}
    with archiving() as archive:
        run = Run(tmp_path, archive, reread=None)
        run(source(f"{site.url}/", walk="site"))
        run(source(f"{site.url}/", walk="site"))

    assert all("if-none-match" not in asked.headers for asked in site.asked)
    assert site.paths == ["/", "/b"] * 2


def test_a_304_refers_to_the_capture_that_has_the_payload(site: Site, run: Run) -> None:
    site.routes |= {"/": once_changed(Reply(body="x", headers=ETAG))}
    run(source(f"{site.url}/", walk="page"))
    run(source(f"{site.url}/", walk="page"))

    (_, _, first), (exchange, context, _) = run.archive.kept
    assert exchange.response is not None
    assert exchange.response.status == 304
    assert context.not_modified is not None
    assert context.not_modified.record_id == first.record_id


def test_a_page_is_requested_in_full_when_a_purge_deletes_what_its_304_refers_to(site: Site, run: Run) -> None:
    site.routes |= {"/": once_changed(Reply(body="x", headers=ETAG))}
    run(source(f"{site.url}/", walk="page"))
    left = [OriginalGone()]
    run.archive.refuse = lambda exchange: left.pop() if left else None
    outcome = run(source(f"{site.url}/", walk="page"))

    assert ["if-none-match" in asked.headers for asked in site.asked] == [False, True, False]
    assert [exchange.response and exchange.response.status for exchange, _, _ in run.archive.kept] == [200, 200]
    assert (outcome.outcome, outcome.pages) == ("unchanged", 1)
