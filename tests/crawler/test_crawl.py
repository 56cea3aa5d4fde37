"""How a run behaves when the web is not as it should be, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import Asked, Reply, Site, html, redirect, serving

from archive.errors import ArchiveError, SpoolFull, WriteFailed
from crawler.order import Outcome
from crawler.process import Crawls

SLOW = Reply(body="slow", after=30.0)
OBEY = {"robots": "obey"}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with archiving() as archive:
        yield Run(tmp_path, archive)


def events(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run.log.read_text().splitlines()]


def in_turn(*replies: Reply) -> object:
    """Each answer once, the last for ever."""
    left = list(replies)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


# --- requests ---


def test_we_say_who_we_are_and_what_we_take(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    run(source(f"{site.url}/", walk="page", contact="https://library.example/bot"))

    headers = site.last("/").headers
    assert headers["user-agent"] == "Pressmark/0.1 (+https://library.example/bot)"
    assert headers["accept-encoding"] == "gzip, deflate, br"


def test_headers_and_cookies_of_the_source_go_to_its_own_hosts_alone(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    facts = {"headers": {"Authorization": {"secret": "TOKEN"}}, "cookies": {"lang": "de"}}
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        site.routes["/"] = Reply(body=f"<html><img src={elsewhere.url}/x.png>")
        run(source(f"{site.url}/", walk="page", keep={"requisites": True}, **facts))

        assert site.last("/").headers["authorization"] == "s3cret"
        assert site.last("/").headers["cookie"] == "lang=de"
        assert {"authorization", "cookie"}.isdisjoint(elsewhere.last("/x.png").headers)


def test_a_secret_that_is_not_there_fails_the_run_before_any_request(site: Site, run: Run) -> None:
    outcome = run(source(f"{site.url}/", headers={"X-Key": {"secret": "NOT_THERE"}}))

    assert outcome.outcome == "failed"
    assert "NOT_THERE" in outcome.reason
    assert site.asked == []


def test_cookies_that_a_site_sets_are_sent_back(site: Site, run: Run) -> None:
    site.routes |= {"/": Reply(body='<a href="/b">b</a>', headers=(("Set-Cookie", "seen=1; Path=/"),)), "/b": html()}
    run(source(f"{site.url}/", walk="site"))

    assert site.last("/b").headers["cookie"] == "seen=1"


def login_form(asked: Asked) -> Reply:
    if asked.method == "POST":
        good = asked.body == b"csrf=abc&user=me&password=pw"
        return redirect("/home", 303, ("Set-Cookie", "session=yes")) if good else Reply(403)
    form = "<form method=post><input type=hidden name=csrf value=abc><input name=user><input name=password></form>"
    return Reply(body=form)


def member(asked: Asked) -> Reply:
    return html(text="Hello me") if "session=yes" in asked.headers.get("cookie", "") else Reply(403)


def test_a_login_comes_first_and_its_password_is_not_kept(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PW", "pw")
    site.routes |= {"/login": login_form, "/home": member, "/": member}
    login = {"url": f"{site.url}/login", "fields": {"user": "me", "password": {"secret": "PW"}}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert site.paths == ["/login", "/login", "/home", "/"]
    assert outcome.outcome == "done"
    sent = [exchange.request.body for exchange, _, _ in run.archive.kept]
    assert sent == [b"", b"*" * len("csrf=abc&user=me&password=pw"), b"", b""]


def test_a_login_that_fails_ends_the_run(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "wrong")
    site.routes |= {"/login": login_form, "/": html()}
    login = {"url": f"{site.url}/login", "fields": {"user": "me", "password": {"secret": "PW"}}}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert outcome.outcome == "failed"
    assert "answered 403" in outcome.reason
    assert "/" not in site.paths


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("<form action=/in><input name=password></form>", "by GET"),
        ("<form method=post action=http://127.0.0.2:9/in><input name=password></form>", "127.0.0.2, which is no host"),
    ],
)
def test_a_password_goes_into_no_url_and_to_no_other_host(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, form: str, told: str
) -> None:
    monkeypatch.setenv("PW", "pw")
    site.routes |= {"/login": html(text=form), "/": html()}
    login = {"url": f"{site.url}/login", "fields": {"password": {"secret": "PW"}}}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert site.paths == ["/login"]
    assert outcome.outcome == "failed"
    assert told in outcome.reason and "pw" not in outcome.reason


def test_a_secret_header_is_sent_and_not_kept(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "s3cret")
    site.routes["/"] = html()
    headers = {"X-Api-Key": {"secret": "KEY"}, "X-Plain": "plain"}

    run(source(f"{site.url}/", walk="page", headers=headers))
    run(source(f"{site.url}/", walk="page", headers=headers, keep={"record_auth": True}))
    redacted, readable = (exchange.request.head for exchange, _, _ in run.archive.kept)

    assert [asked.headers["x-api-key"] for asked in site.asked] == ["s3cret"] * 2
    assert b"X-Api-Key: [redacted]\r\n" in redacted and b"X-Plain: plain" in redacted
    assert b"X-Api-Key: s3cret\r\n" in readable


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_hop_of_a_redirect_is_kept_under_one_page_id(site: Site, run: Run, status: int) -> None:
    site.routes |= {"/a": redirect("b", status), "/b": redirect("/c", status), "/c": html()}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert site.paths == ["/a", "/b", "/c"]
    assert [capture.status for _, _, capture in run.archive.kept] == [status, status, 200]
    assert len({context.page_id for _, context, _ in run.archive.kept}) == 1
    assert (outcome.outcome, outcome.pages) == ("done", 1)


def test_a_circle_of_redirects_ends(site: Site, run: Run) -> None:
    site.routes |= {"/a": redirect("/b"), "/b": redirect("/a")}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert len(site.paths) == 11
    assert outcome.outcome == "failed"
    assert "more than 10 redirects" in outcome.reason


def test_a_page_that_redirects_to_itself_once_its_cookie_is_set_is_had(site: Site, run: Run) -> None:
    def gate(asked: Asked) -> Reply:
        return html() if "ok=1" in asked.headers.get("cookie", "") else redirect("/a", 302, ("Set-Cookie", "ok=1"))

    site.routes["/a"] = gate

    assert run(source(f"{site.url}/a", walk="page")).outcome == "done"
    assert site.paths == ["/a", "/a"]


def test_a_gate_that_sends_back_with_a_cookie_is_passed(site: Site, run: Run) -> None:
    def page(asked: Asked) -> Reply:
        return html() if "ok=1" in asked.headers.get("cookie", "") else redirect("/gate")

    site.routes |= {"/a": page, "/gate": redirect("/a", 302, ("Set-Cookie", "ok=1; Path=/"))}

    assert run(source(f"{site.url}/a", walk="page")).outcome == "done"
    assert site.paths == ["/a", "/gate", "/a"]


def test_a_link_that_redirects_out_of_scope_is_not_followed(site: Site, run: Run) -> None:
    with serving({"/x": html()}, host="127.0.0.3") as elsewhere:
        site.routes |= {"/": html("/go"), "/go": redirect(f"{elsewhere.url}/x")}

        outcome = run(source(f"{site.url}/", walk="site"))

        assert elsewhere.asked == []
        assert outcome.outcome == "done"
        assert [capture.status for _, _, capture in run.archive.kept] == [200, 302]


def test_a_redirect_to_a_forbidden_address_is_refused(site: Site, run: Run) -> None:
    site.routes["/"] = redirect("http://169.254.169.254/latest/meta-data")

    outcome = run(source(f"{site.url}/", walk="page"))

    assert outcome.outcome == "failed"
    assert "forbidden address (metadata)" in outcome.reason


# --- retries ---


@pytest.mark.parametrize("bad", [Reply(500), Reply(503), Reply(429), Reply(cut=True)])
def test_what_fails_once_is_tried_again(site: Site, run: Run, bad: Reply) -> None:
    site.routes["/"] = in_turn(bad, html())  # type: ignore[assignment]

    outcome = run(source(f"{site.url}/", walk="page"))

    assert site.paths == ["/", "/"]
    assert (outcome.outcome, outcome.failures) == ("done", 0)
    assert len(run.archive.kept) == 2


def test_what_fails_every_time_has_failed(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/bad", "/good"), "/bad": Reply(500), "/good": html()}

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.times("/bad") == 3
    assert (outcome.outcome, outcome.failures, outcome.pages) == ("partial", 1, 2)
    failures = [event for event in events(run) if event["event"] == "failure"]
    assert [(failure["url"], failure["reason"]) for failure in failures] == [
        (f"{site.url}/bad", "500 Internal Server Error")
    ]


def test_a_dead_host_is_failed_with_its_reason(run: Run) -> None:
    outcome = run(source("http://127.0.0.1:9/", walk="page", ports=[9]))

    assert outcome.outcome == "failed"
    assert "127.0.0.1" in outcome.reason


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_be_left_alone_is_left_alone_without_holding_up_others(
    site: Site, run: Run, status: int
) -> None:
    with serving({f"/{n}": html() for n in range(20)}, host="127.0.0.3") as other:
        busy = Reply(status, headers=(("Retry-After", "1"),))
        site.routes |= {"/": in_turn(busy, html()), "/b": html()}  # type: ignore[dict-item]
        seeds = [f"{site.url}/", f"{site.url}/b", *(f"{other.url}/{n}" for n in range(20))]

        outcome = run(source(*seeds, walk="page", politeness={"concurrency": 1}))

    first, *_, last = [asked.at for asked in site.asked]
    assert outcome.outcome == "done"
    assert site.asked[0].path == "/"
    assert site.asked[1].at - first >= 0.8
    assert max(asked.at for asked in other.asked) < last


def test_a_retry_after_may_be_a_date(site: Site, run: Run) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    site.routes["/"] = in_turn(Reply(503, headers=(("Retry-After", later),)), html())  # type: ignore[assignment]

    assert run(source(f"{site.url}/", walk="page")).outcome == "done"
    assert site.asked[1].at - site.asked[0].at >= 0.7


def test_a_dead_link_is_a_fact_about_the_site_and_no_failure(site: Site, run: Run) -> None:
    site.routes["/"] = html("/gone")

    outcome = run(source(f"{site.url}/", walk="site"))

    assert (outcome.outcome, outcome.failures, outcome.pages) == ("done", 0, 1)
    assert [capture.status for _, _, capture in run.archive.kept] == [200, 404]


# --- robots.txt ---


def test_what_robots_txt_forbids_is_not_fetched_and_counted(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nDisallow: /private", type="text/plain"),
        "/": html("/private/a", "/b"),
        "/b": html(),
    }

    outcome = run(source(f"{site.url}/", walk="site", politeness=OBEY))

    assert site.paths == ["/", "/b"]
    assert outcome.dropped == {"robots": 1}
    assert run.archive.kept[0][2].url == f"{site.url}/robots.txt"


def test_a_seed_that_robots_txt_forbids_blocks_the_run(site: Site, run: Run) -> None:
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow: /", type="text/plain")

    outcome = run(source(f"{site.url}/", politeness=OBEY))

    assert outcome.outcome == "blocked"
    assert "robots" in outcome.reason
    assert [event["verdict"] for event in events(run) if event["event"] == "robots"] == ["rules"]


def test_robots_txt_is_fetched_once_for_all_runs_of_the_process(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    crawls = run.begin()

    async def main() -> None:
        for _ in range(2):
            await crawls.crawl(run.order(page))

    asyncio.run(main())

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/", "/"]


def test_runs_at_once_fetch_robots_txt_once(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(body="User-agent: *", type="text/plain", after=0.2), "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    crawls = run.begin()

    async def main() -> list[str]:
        outcomes = await asyncio.gather(*(crawls.crawl(run.order(page)) for _ in range(3)))
        return [outcome.outcome for outcome in outcomes]

    assert set(asyncio.run(main())) <= {"done", "unchanged"}
    assert site.times("/robots.txt") == 1
    assert site.times("/") == 3


def test_a_run_that_stops_while_it_fetches_robots_txt_leaves_that_to_the_next(site: Site, run: Run) -> None:
    answers = iter([Reply(after=30.0), Reply(body="User-agent: *", type="text/plain")])
    site.routes |= {"/robots.txt": lambda asked: next(answers), "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY | {"concurrency": 2})
    crawls = run.begin()

    async def main() -> str:
        first = asyncio.ensure_future(crawls.crawl(run.order(page, "first")))
        while not site.times("/robots.txt"):
            await asyncio.sleep(0.01)
        second = asyncio.ensure_future(crawls.crawl(run.order(page, "second")))
        await asyncio.sleep(0.1)
        crawls.cancel("first", "enough")
        await first
        return (await asyncio.wait_for(second, 10)).outcome

    assert asyncio.run(main()) == "done"
    assert site.times("/robots.txt") == 2


def test_a_host_that_the_guard_forbids_is_told_by_that_and_not_by_robots_txt(site: Site, run: Run) -> None:
    outcome = run(source("http://10.1.2.3/", walk="page", politeness=OBEY))

    assert outcome.outcome == "failed"
    assert "forbidden address (private)" in outcome.reason


def test_robots_txt_is_tried_again_and_then_forbids(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(503), "/": html()}

    outcome = run(source(f"{site.url}/", walk="page", politeness=OBEY))

    assert site.times("/robots.txt") == 3
    assert outcome.outcome == "blocked"
    assert site.times("/") == 0


def test_redirects_of_robots_txt_are_followed_five_times(site: Site, run: Run) -> None:
    forbids = Reply(body="User-agent: *\nDisallow: /", type="text/plain")
    site.routes |= {"/robots.txt": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}}
    site.routes |= {"/5": forbids, "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    assert run(page).outcome == "blocked"

    site.routes |= {"/5": redirect("/6"), "/6": forbids}
    assert run(page).outcome == "done"


def test_a_crawl_delay_holds_for_the_host(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nCrawl-delay: 0.5", type="text/plain"),
        "/": html("/b"),
        "/b": html(),
    }
    run(source(f"{site.url}/", walk="site", politeness=OBEY))

    times = [asked.at for asked in site.asked if asked.path != "/robots.txt"]
    assert times[1] - times[0] >= 0.3


def test_robots_txt_can_be_ignored(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(body="User-agent: *\nDisallow: /"), "/": html()}

    assert run(source(f"{site.url}/", walk="page")).outcome == "done"
    assert site.times("/robots.txt") == 0


# --- politeness ---


def test_no_more_requests_at_once_than_a_host_bears(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x", after=0.05)
    seeds = [f"{site.url}/{n}" for n in range(20)]
    run(source(*seeds, walk="page", politeness={"concurrency": 3}))

    assert site.busiest == 3


def test_runs_at_once_share_a_host(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x", after=0.05)
    one, two = (
        source(*(f"{site.url}/{k}{n}" for n in range(8)), walk="page", politeness={"concurrency": 1}) for k in "ab"
    )

    async def beside(crawls: Crawls) -> None:
        assert (await crawls.crawl(run.order(two))).outcome == "done"

    assert run(one, beside=beside).outcome == "done"
    assert site.busiest == 1
    assert len(site.asked) == 16
    assert {asked.path[1] for asked in site.asked[:6]} == {"a", "b"}


def test_a_delay_lies_between_two_requests(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x")
    run(source(*(f"{site.url}/{n}" for n in range(4)), walk="page", politeness={"delay": "200ms"}))

    times = [asked.at for asked in site.asked]
    assert times[-1] - times[0] >= 0.5  # the first may have arrived late


# --- limits, cancel, stop ---


def endless(site: Site) -> None:
    site.otherwise = lambda asked: html(*(f"{asked.path}{n}" for n in range(3)))


def test_a_run_stops_at_its_limit_of_pages(site: Site, run: Run) -> None:
    endless(site)

    outcome = run(source(f"{site.url}/", limits={"pages": 25}))

    assert (outcome.outcome, outcome.pages) == ("limited", 25)
    assert "25 pages" in outcome.reason
    assert len(site.paths) == 25


def test_the_limit_of_pages_leaves_the_requisites_of_those_pages(site: Site, run: Run) -> None:
    site.otherwise = lambda asked: (
        Reply(body="i")
        if "png" in asked.path
        else Reply(body=f"<html><img src={asked.path}.png><a href={asked.path}x>")
    )
    outcome = run(source(f"{site.url}/a", limits={"pages": 3}, keep={"requisites": True}))

    assert sorted(site.paths) == ["/a", "/a.png", "/ax", "/ax.png", "/axx", "/axx.png"]
    assert outcome.outcome == "limited"


def test_pages_that_do_not_exist_are_none_of_the_limit(site: Site, run: Run) -> None:
    missing, good = [f"/missing{n}" for n in range(10)], [f"/good{n}" for n in range(10)]
    site.routes |= {"/": html(*missing, *good), **dict.fromkeys(good, html())}

    outcome = run(source(f"{site.url}/", limits={"pages": 6}))

    assert (outcome.outcome, outcome.pages) == ("limited", 6)


def test_a_site_that_is_as_large_as_the_limit_is_done(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/b"), "/b": html("/")}

    assert run(source(f"{site.url}/", limits={"pages": 2})).outcome == "done"


def test_a_run_stops_at_its_limit_of_bytes(site: Site, run: Run) -> None:
    site.otherwise = lambda asked: html(f"{asked.path}x", text="x" * 1_000)

    outcome = run(source(f"{site.url}/", limits={"bytes": 5_000}))

    assert outcome.outcome == "limited"
    assert 5_000 <= outcome.bytes < 15_000


def test_a_run_stops_at_its_limit_of_time(site: Site, run: Run) -> None:
    endless(site)
    outcome = run(source(f"{site.url}/", limits={"time": "1s"}, politeness={"delay": "100ms"}))

    assert outcome.outcome == "limited"
    assert outcome.pages >= 1


def test_an_answer_that_is_too_long_is_cut_off_and_kept(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/long", "/b"), "/long": Reply(body=b"x" * 5_000), "/b": html()}

    outcome = run(source(f"{site.url}/", limits={"page_bytes": 2_048}))

    assert outcome.outcome == "done"
    assert [exchange.truncated for exchange, _, _ in run.archive.kept if exchange.request.url.endswith("long")] == [
        "length"
    ]
    assert [event["url"] for event in events(run) if event["event"] == "cut-off"] == [f"{site.url}/long"]


async def soon(site: Site, requests: int = 1) -> None:
    while len(site.asked) < requests:
        await asyncio.sleep(0.01)


def test_a_long_body_arrives_in_a_file_beside_the_frontier_and_not_where_the_system_has_its_own(
    site: Site, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    site.routes["/long.bin"] = Reply(body=bytes(3 << 20), type="application/octet-stream")

    outcome = run(source(f"{site.url}/long.bin", walk="page"))

    assert (outcome.outcome, outcome.bytes) == ("done", 3 << 20)


def test_a_cancelled_run_ends_within_seconds_whatever_the_server_does(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/slow", "/b"), "/slow": SLOW, "/b": html()}
    ended = []

    async def beside(crawls: Crawls) -> None:
        await soon(site, 3)
        ended.append(time.monotonic())
        crawls.cancel("r1", "changed my mind")

    outcome = run(source(f"{site.url}/"), "r1", beside=beside)

    assert (outcome.outcome, outcome.reason) == ("cancelled", "changed my mind")
    assert time.monotonic() - ended[0] < 3.0
    assert not (run.directory / "r1.db").exists()


def test_a_run_that_is_stopped_goes_on_where_it_was(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    site.routes |= {"/": html("/slow", *(f"/{n}" for n in range(30))), "/slow": in_turn(SLOW, html())}  # type: ignore[dict-item]
    site.otherwise = Reply(body="x", after=0.02)

    async def beside(crawls: Crawls) -> None:
        await soon(site, 15)
        await crawls.stop()

    walk = source(f"{site.url}/", politeness={"concurrency": 2})
    first = run(walk, "r1", beside=beside)
    assert first.outcome == "interrupted"
    assert first.queued > 0
    assert (run.directory / "r1.db").exists()

    second = run(walk, "r1")
    assert second.outcome == "done"
    assert second.pages == 32
    assert all(site.times(f"/{n}") == 1 for n in range(30))
    assert site.times("/slow") == 2
    assert not (run.directory / "r1.db").exists()


def test_after_a_stop_no_run_is_begun(site: Site, run: Run) -> None:
    async def main() -> Outcome:
        await run.crawls.stop()
        return await run.crawls.crawl(run.order(source(f"{site.url}/")))

    assert asyncio.run(main()).outcome == "interrupted"


# --- the recorder ---


def refusing(error: ArchiveError, times: int) -> object:
    left = [error] * times
    return lambda exchange: left.pop() if left else None


def test_a_page_that_could_not_be_kept_is_fetched_again_with_its_links(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/": html("/b"), "/b": html()}
    with archiving(refuse=refusing(WriteFailed("the disk refused"), 1)) as archive:
        run = Run(tmp_path, archive)
        outcome = run(source(f"{site.url}/"))

    assert site.paths == ["/", "/", "/b"]
    assert (outcome.outcome, outcome.pages, outcome.captures) == ("done", 2, 2)


def test_a_full_spool_pauses_the_run_until_there_is_room(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.crawl._SPACE_WAIT", 0.3)
    site.routes |= {"/": html(*(f"/{n}" for n in range(9)))}
    site.otherwise = html()
    with archiving(refuse=refusing(SpoolFull("no room"), 2)) as archive:
        outcome = Run(tmp_path, archive)(source(f"{site.url}/"))

    assert (outcome.outcome, outcome.pages) == ("done", 10)
    assert site.asked[1].at - site.asked[0].at >= 0.25


def test_a_recorder_that_keeps_nothing_fails_the_run(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.crawl._MOST_REFUSALS", 3)
    monkeypatch.setattr("crawler.crawl.backoff", lambda attempts, base: 0.01)
    site.routes["/"] = html()
    with archiving(refuse=lambda exchange: WriteFailed("the disk refused")) as archive:
        outcome = Run(tmp_path, archive)(source(f"{site.url}/"))

    assert outcome.outcome == "failed"
    assert "the disk refused" in outcome.reason
    assert outcome.captures == 0


def test_nothing_is_fetched_while_the_worker_is_paused(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    run.begin()

    async def main() -> Outcome:
        run.crawls.pause("the spool is 85 % full")
        crawl = asyncio.ensure_future(run.crawls.crawl(run.order(source(f"{site.url}/"))))
        await asyncio.sleep(0.2)
        assert site.asked == []
        run.crawls.resume()
        return await asyncio.wait_for(crawl, 30)

    assert asyncio.run(main()).outcome == "done"


def test_only_what_is_acknowledged_is_done(site: Site, tmp_path: Path) -> None:
    """Receipts come late, fetching goes on, and the run ends when the last has come."""
    site.routes |= {"/": html(*(f"/{n}" for n in range(40)))}
    site.otherwise = html()
    seen: list[tuple[int, int]] = []
    with archiving(wait=0.3) as archive:
        run = Run(tmp_path, archive)
        outcome = run(
            source(f"{site.url}/", politeness={"concurrency": 16}),
            progress=lambda outcome: seen.append((outcome.pages, len(archive.kept))),
        )

    assert outcome.pages == 41
    assert all(pages <= kept for pages, kept in seen)
    assert site.asked[-1].at - site.asked[1].at < 0.3


# --- outcomes ---


def test_a_run_that_got_nothing_is_not_done(site: Site, run: Run) -> None:
    outcome = run(source(f"{site.url}/missing"))

    assert outcome.outcome == "empty"
    assert outcome.reason == f"{site.url}/missing: 404 Not Found"


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_a_site_that_refuses_us_blocks_the_run(site: Site, run: Run, status: int) -> None:
    site.routes["/"] = Reply(status)

    outcome = run(source(f"{site.url}/", politeness={"retries": 0}))

    assert outcome.outcome == "blocked"
    assert str(status) in outcome.reason


def test_a_seed_that_answers_500_fails_the_run(site: Site, run: Run) -> None:
    site.routes["/"] = Reply(500)

    assert run(source(f"{site.url}/", politeness={"retries": 0})).outcome == "failed"


def test_the_second_run_of_a_site_that_did_not_change_says_so(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/b"), "/b": html()}
    assert run(source(f"{site.url}/")).outcome == "done"
    assert run(source(f"{site.url}/")).outcome == "unchanged"


def test_requisites_that_fail_make_no_run_partial(site: Site, run: Run) -> None:
    site.routes |= {"/": Reply(body="<html><img src=/x.png>"), "/x.png": Reply(500)}

    outcome = run(source(f"{site.url}/", keep={"requisites": True}, politeness={"retries": 0}))

    assert (outcome.outcome, outcome.failures) == ("done", 1)


def test_progress_is_told_and_the_last_of_it_is_the_outcome(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    told: list[Outcome] = []

    outcome = run(source(f"{site.url}/"), progress=told.append)

    assert told[0].outcome == "running"
    assert told[-1] == outcome


def test_the_log_has_no_line_for_a_page_that_went_well(site: Site, run: Run) -> None:
    site.routes |= {"/": html(*(f"/{n}" for n in range(20)))}
    site.otherwise = html()
    run(source(f"{site.url}/"))

    assert [event["event"] for event in events(run)] == ["over"]


def test_a_broken_frontier_file_fails_the_run_with_a_reason(site: Site, run: Run) -> None:
    (run.directory / "r1.db").write_bytes(b"this is no database" * 100)

    outcome = run(source(f"{site.url}/"), "r1")

    assert outcome.outcome == "failed"
    assert "database" in outcome.reason


def test_a_host_that_never_answers_is_given_up(run: Run) -> None:
    seeds = [f"http://127.0.0.1:9/{n}" for n in range(40)]
    outcome = run(source(*seeds, walk="page", ports=[9], politeness={"retries": 0, "concurrency": 1}))

    assert outcome.outcome == "failed"
    assert outcome.failures in (30, 31)  # one more may be under way
    assert outcome.dropped == {"host-unreachable": 40 - outcome.failures}


def test_many_runs_one_after_another_leave_nothing_behind(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    crawls = run.begin()

    async def main() -> None:
        for _ in range(10):
            assert (await crawls.crawl(run.order(source(f"{site.url}/", walk="page")))).pages == 1
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert crawls._running == {}
    assert list(run.directory.glob("*.db*")) == []


def test_a_trap_is_named_in_the_log_with_the_first_urls_that_fell_into_it(site: Site, run: Run) -> None:
    site.routes["/"] = html(*(f"/a?rand={n}" for n in range(40)))
    site.otherwise = html(text="the same")

    outcome = run(source(f"{site.url}/", walk="site"))

    traps = [event for event in events(run) if event["event"] == "trap"]
    assert outcome.dropped == {"ever-new-query": 20}
    assert [(trap["reason"], trap["url"]) for trap in traps] == [
        ("ever-new-query", f"{site.url}/a?rand={n}") for n in range(20, 25)
    ]


def test_a_crawl_imports_nothing_of_scrapys_remote_control(site: Site, tmp_path: Path) -> None:
    site.routes["/"] = html()
    program = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from crawling.crawls import Run, archiving, source\n"
        f"with archiving() as archive:\n    run = Run(Path({str(tmp_path)!r}), archive)\n"
        f"    print(run(source({site.url + '/'!r}, walk='page')).outcome)\n"
        "print(sorted({'aiohttp', 'scrapy.extensions.telnet'} & set(sys.modules)))\n"
    )
    tests = Path(__file__).parent.parent
    environment = os.environ | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["done", "[]"]
