"""How a run ends, and what it reports."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from crawling.crawls import Run, events, source
from crawling.site import Asked, Reply, Site, html, in_turn, redirect

from archive.values.errors import DatabaseUnreachable
from crawler.policy.order import Outcome
from crawler.process import Crawls


def test_a_run_that_fetched_nothing_is_not_done(site: Site, run: Run) -> None:
    outcome = run(source(f"{site.url}/missing"))

    assert outcome.outcome == "empty"
    assert outcome.reason == f"{site.url}/missing: 404 Not Found"


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_a_site_that_refuses_us_blocks_the_run(site: Site, run: Run, status: int) -> None:
    site.routes["/"] = Reply(status)

    outcome = run(source(f"{site.url}/", politeness={"retries": 0}))

    assert outcome.outcome == "blocked"
    assert str(status) in outcome.reason


LOGIN = Reply(body="<title>Log in</title><form method=post><input name=user><input type=password name=pw></form>")


@pytest.mark.parametrize("instead", [LOGIN, redirect("/login?to=/a"), Reply(401)])
def test_a_site_that_requires_a_login_blocks_the_run_until_it_serves_its_pages_again(
    site: Site, run: Run, instead: Reply
) -> None:
    paths = ("/", "/a", "/b", "/c")
    site.routes |= dict.fromkeys(paths, instead) | {"/": html(*paths[1:]), "/login?to=/a": LOGIN}
    kept = source(f"{site.url}/", walk="site", politeness={"retries": 0})

    blocked = run(kept)
    site.routes |= {path: html(text=path) for path in paths[1:]}
    free = run(kept)

    assert (blocked.outcome, "3 login" in blocked.reason) == ("blocked", True)
    assert site.times("/login?to=/a") == 0
    assert (free.outcome, free.pages) == ("done", 4)


def test_a_seed_that_answers_500_fails_the_run(site: Site, run: Run) -> None:
    site.routes["/"] = Reply(500)

    assert run(source(f"{site.url}/", politeness={"retries": 0})).outcome == "failed"


def test_the_second_run_of_an_unchanged_site_says_so(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/b"), "/b": html()}
    assert run(source(f"{site.url}/")).outcome == "done"
    assert run(source(f"{site.url}/")).outcome == "unchanged"


def test_failed_requisites_do_not_make_a_run_partial(site: Site, run: Run) -> None:
    site.routes |= {"/": Reply(body="<html><img src=/x.png>"), "/x.png": Reply(500)}

    outcome = run(source(f"{site.url}/", keep={"requisites": True}, politeness={"retries": 0}))

    assert (outcome.outcome, outcome.failures) == ("done", 1)


def test_progress_is_reported_and_the_last_report_is_the_outcome(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    told: list[Outcome] = []

    outcome = run(source(f"{site.url}/"), progress=told.append)

    assert told[0].outcome == "running"
    assert told[-1] == outcome


def test_the_urls_of_a_run_are_counted_by_state(site: Site, run: Run) -> None:
    pages = [f"/{n}" for n in range(9)]
    site.routes |= {"/": html("/moved", "/gone", "/bad", *pages), "/moved": redirect("/new"), "/bad": Reply(status=500)}
    site.routes |= {"/new": html(), **dict.fromkeys(pages, html())}
    told: list[Outcome] = []
    outcome = run(source(f"{site.url}/", limits={"pages": 5}), progress=told.append)

    assert outcome.tasks["redirected"] == 1
    assert outcome.tasks["done"] >= outcome.pages
    assert outcome.tasks["pending"] == outcome.queued > 0
    assert sum(outcome.tasks.values()) == 14
    assert set(outcome.tasks) == {"pending", "leased", "done", "redirected", "failed", "dropped", "alias"}
    assert told[-1].tasks == outcome.tasks


def test_the_log_has_no_line_for_a_successful_page(site: Site, run: Run) -> None:
    site.routes |= {"/": html(*(f"/{n}" for n in range(20)))}
    site.otherwise = html()
    run(source(f"{site.url}/"))

    assert [event["event"] for event in events(run)] == ["over"]


def test_a_broken_frontier_file_fails_the_run_with_a_reason(site: Site, run: Run) -> None:
    (run.directory / "r1.db").write_bytes(b"this is no database" * 100)

    outcome = run(source(f"{site.url}/"), "r1")

    assert outcome.outcome == "failed"
    assert "database" in outcome.reason


def test_many_consecutive_runs_leave_nothing_behind(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    crawls = run.begin()

    async def main() -> None:
        for _ in range(10):
            assert (await crawls.crawl(run.order(source(f"{site.url}/", walk="page")))).pages == 1
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert crawls._running == {}
    assert list(run.directory.glob("*.db*")) == []


def test_a_trap_is_logged_with_its_first_urls(site: Site, run: Run) -> None:
    site.routes["/"] = html(*(f"/a?rand={n}" for n in range(40)))
    site.otherwise = html(text="the same")

    outcome = run(source(f"{site.url}/", walk="site"))

    traps = [event for event in events(run) if event["event"] == "trap"]
    assert outcome.dropped == {"ever-new-query": 20}
    assert [(trap["reason"], trap["url"]) for trap in traps] == [
        ("ever-new-query", f"{site.url}/a?rand={n}") for n in range(20, 25)
    ]


def test_a_page_that_links_to_itself_under_ever_new_names_ends(site: Site, run: Run) -> None:
    site.routes["/"] = html("/a?token=x0")

    def again(asked: Asked) -> Reply:
        return html(f"/a?token=x{int(asked.path.rpartition('x')[2]) + 1}", text="the same")

    site.otherwise = again
    outcome = run(source(f"{site.url}/", walk="site"))

    assert (outcome.pages, outcome.dropped) == (31, {"ever-new-query": 1})
    assert [event["url"] for event in events(run) if event["event"] == "trap"] == [f"{site.url}/a?token=x30"]


def test_a_resumed_run_knows_what_was_found_to_be_endless(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    site.routes |= {
        "/": html("/slow", *(f"/a?token=x{n}" for n in range(30))),
        "/slow": in_turn(Reply(body="slow", after=30.0), html("/a?token=y", "/b?token=y")),
    }
    site.otherwise = html(text="the same")

    async def beside(crawls: Crawls) -> None:
        while len(site.asked) < 32:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await crawls.stop()

    walk = source(f"{site.url}/", walk="site")
    assert run(walk, "r1", beside=beside).outcome == "interrupted"
    assert run(walk, "r1").dropped == {"ever-new-query": 1}
    assert (site.times("/a?token=y"), site.times("/b?token=y")) == (0, 1)


def test_a_crawl_does_not_import_scrapys_remote_control(site: Site, tmp_path: Path) -> None:
    site.routes["/"] = html()
    program = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from crawling.crawls import Run, archiving, source\n"
        f"with archiving() as archive:\n    run = Run(Path({str(tmp_path)!r}), archive)\n"
        f"    print(run(source({site.url + '/'!r}, walk='page')).outcome)\n"
        "print(sorted({'aiohttp', 'scrapy.extensions.telnet'} & set(sys.modules)))\n"
    )
    tests = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["done", "[]"]


def test_a_run_waits_for_an_unreachable_index_and_then_has_all_pages(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("crawler.policy.backoff.AGAIN", 0.1)
    site.routes |= {"/": html("/a", "/b"), "/a": html("/c")}
    site.otherwise = html()
    run.archive.deaf = iter([DatabaseUnreachable("postgresql://db.example/p", "it is away")] * 3)

    outcome = run(source(f"{site.url}/", walk="site"))

    assert (outcome.outcome, outcome.pages, outcome.queued) == ("done", 4, 0)
    assert (
        caplog.text.count("the captures of 1 URLs could not be looked up: the database postgresql://db.example/p") == 3
    )


def test_a_permanent_error_of_the_index_ends_the_run_and_is_its_reason(
    site: Site, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    site.routes["/"] = html("/a", "/b")
    run.archive.deaf = iter([OSError("the disk is broken")])

    outcome = run(source(f"{site.url}/", walk="site"))

    assert (outcome.outcome, outcome.reason) == ("failed", "OSError: the disk is broken")


SHELL = "<!doctype html><title>App</title><script src=/app.js></script><body><div id=root></div></body>"


def test_pages_drawn_by_scripts_are_archived_counted_and_reported_in_each_run(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/a", "/b", "/c", text="News"), "/a": html(text="a")}
    site.routes |= {path: Reply(body=f"{SHELL}{path}") for path in ("/b", "/c")}

    first, again = run(source(f"{site.url}/", walk="site")), run(source(f"{site.url}/", walk="site"))

    assert (first.outcome, first.pages, first.failures, first.drawn) == ("partial", 4, 0, 2)
    assert first.reason == "2 pages get their text from scripts, so the archive does not have this text"
    assert (again.outcome, again.reason) == (first.outcome, first.reason)


def test_a_seed_drawn_by_scripts_is_archived_and_reported(site: Site, run: Run) -> None:
    site.routes["/"] = Reply(body=SHELL)

    outcome = run(source(f"{site.url}/", walk="page"))

    assert (outcome.outcome, outcome.pages) == ("partial", 1)
    assert outcome.reason == "1 page gets its text from scripts, so the archive does not have this text"


def test_one_url_that_a_limit_left_is_reported_in_the_singular(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/a"), "/a": html()}

    outcome = run(source(f"{site.url}/", walk="site", limits={"pages": 1}))

    assert outcome.outcome == "limited"
    assert outcome.reason.endswith("; 1 URL was not fetched")


def test_failures_are_reported_before_pages_drawn_by_scripts(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/a", "/b"), "/a": Reply(500), "/b": Reply(body=SHELL)}

    outcome = run(source(f"{site.url}/", walk="site", politeness={"retries": 0}))

    assert outcome.reason == (
        "1 of 3 pages could not be fetched; 1 page gets its text from scripts, so the archive does not have this text"
    )


def test_a_pattern_that_takes_too_long_excludes_the_link_and_the_run_is_partial(site: Site, run: Run) -> None:
    trap, pattern = "/" + "a" * 40 + "!", "re:http://[^/]+/(a|a)+$"
    site.routes |= {"/": html("/b", trap), "/b": html(text="b"), trap: html(text="trap")}

    outcome = run(source(f"{site.url}/", walk="site", scope={"include": ["/b", pattern]}))

    assert (outcome.outcome, outcome.pages, outcome.dropped) == ("partial", 2, {"outside": 1})
    assert outcome.reason == (
        f"in the source test, the pattern {pattern!r} of scope.include takes too long for"
        f" {site.url}{trap}; write a simpler pattern; URLs skipped so far: 1"
    )
    assert site.times(trap) == 0
