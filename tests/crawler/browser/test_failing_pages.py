"""A page fails with a reason when the browser can't draw it; the run continues without stray processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from crawling.crawls import Run, events, source
from crawling.crawls import processes_in as processes
from crawling.memory import MemoryArchive
from crawling.site import Asked, Reply, Site, html, serving

from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system

TEXT = "<!doctype html><title>t</title><p>Text that is in the page itself, with a few more words to read.</p>"
GOOD = "<!doctype html><title>t</title><div id=root></div><script>root.append('drawn after the bad one')</script>"


def drawn(tmp_path: Path, archive: MemoryArchive, site: Site, body: str, **limits: Any) -> tuple[Run, str]:
    """Crawl a bad page and then a good one; return the run, and why the bad one was not drawn."""
    site.routes |= {
        "/bad": Reply(body=f"<!doctype html><title>t</title><div id=root></div>{body}"),
        "/good": Reply(body=GOOD),
    }
    run = Run(tmp_path, archive, browser=BrowserLimits(**limits))
    outcome = run(
        source(f"{site.url}/bad", f"{site.url}/good", walk="page", fetch="browser", politeness={"concurrency": 1})
    )

    assert (outcome.outcome, outcome.pages, outcome.failures) == ("partial", 1, 1)
    documents = [derived.body for derived, _, _ in archive.derived if derived.kind == "conversion"]
    assert len(documents) == 1
    assert b"drawn after the bad one" in documents[0]
    assert processes(tmp_path) == []
    assert not list(tmp_path.glob("*.browser"))
    (failed,) = [event for event in events(run) if event["event"] == "not-drawn"]
    return run, str(failed["reason"])


def test_a_script_that_never_ends_fails_its_page(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    _, reason = drawn(tmp_path, archive, site, "<script>while (true);</script>", seconds=3, answers=3)

    assert reason == "the page's scripts do not end within 3 s"


def test_a_browser_that_is_killed_fails_its_page(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    def kill(asked: Asked) -> Reply:
        leader = next(pid for pid in processes(tmp_path) if os.getpgid(pid) == pid)
        os.kill(leader, signal.SIGKILL)
        return Reply(body="", type="text/javascript")

    site.routes["/kill.js"] = kill
    _, reason = drawn(tmp_path, archive, site, "<script src=/kill.js></script>")

    assert reason in ("the browser ended while it rendered the page", "the browser ended")


def test_alerts_without_end_fail_their_page(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    _, reason = drawn(tmp_path, archive, site, "<script>while (true) alert('again')</script>", seconds=60)

    assert reason == "the page opens more than 100 dialogs and windows"


def test_a_page_that_takes_too_much_memory_fails(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    body = "<script>const all = []; setInterval(() => all.push(new Uint8Array(1 << 26).fill(7)), 5)</script>"
    body += "<img src=/slow>"
    site.routes["/slow"] = Reply(after=8.0)
    _, reason = drawn(tmp_path, archive, site, body, memory=1 << 30)

    assert reason == "the page takes more than 1024 MiB of memory"


@pytest.mark.costly
def test_a_page_that_takes_too_much_cpu_fails(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    body = "<script>new Worker(URL.createObjectURL(new Blob(['for (;;);'])))</script><img src=/slow>"
    site.routes["/slow"] = Reply(after=30.0)
    _, reason = drawn(tmp_path, archive, site, body, seconds=60, cpu=3)

    assert reason == "the page takes more than 3 s of CPU"


def test_a_page_that_fails_while_robots_txt_waits_for_its_turn_keeps_it_from_no_other_page(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    with serving() as other:
        other.routes |= {
            "/robots.txt": Reply(body="User-agent: *\nAllow: /\n", type="text/plain"),
            "/api": Reply(body="text of another origin", headers=(("Access-Control-Allow-Origin", "*"),)),
        }
        script = f"fetch('{other.url}/api').then(answer => answer.text()).then(text => root.append(text))"
        shell = f"<!doctype html><title>t</title><div id=root></div><script>{script}"
        site.routes |= {
            "/bad": Reply(
                body=f"<img src=/slow1><img src=/slow2>{shell}; setTimeout(() => {{ for (;;) alert() }}, 500)</script>"
            ),
            "/slow1": Reply(after=50.0),
            "/slow2": Reply(after=50.0),
            "/good": Reply(body=f"{shell}</script>", after=3.0),  # it is drawn after the bad one
        }
        polite = {"robots": "obey", "concurrency": 2, "timeout": "50s"}

        Run(tmp_path, archive, browser=BrowserLimits(seconds=30))(
            source(f"{site.url}/bad", f"{site.url}/good", walk="page", fetch="browser", politeness=polite)
        )

    (document,) = [derived.body for derived, _, _ in archive.derived if derived.kind == "conversion"]
    assert b"text of another origin" in document


def test_requests_beyond_the_limit_are_refused_and_counted(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    site.routes |= {
        "/p": Reply(body=TEXT + "<script>for (let i = 0; i < 50; i++) fetch('/n' + i)</script>"),
        "/favicon.ico": html(),
    }
    run = Run(tmp_path, archive, browser=BrowserLimits(requests=7))

    outcome = run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert outcome.outcome == "done"
    assert len(site.asked) == 1 + 7
    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert event["refused"]["requests beyond 7"] >= 43  # type: ignore[index]


def test_requests_after_the_allowed_bytes_are_refused_and_counted(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    script = "(async () => { for (let i = 0; i < 9; i++) await fetch('/n' + i).then(a => a.text()).catch(() => 0) })()"
    site.routes |= {"/p": Reply(body=f"{TEXT}<script>{script}</script>"), "/favicon.ico": html()}
    site.routes |= {f"/n{number}": Reply(body="x" * 600_000, type="text/plain") for number in range(9)}
    run = Run(tmp_path, archive, browser=BrowserLimits(bytes=1 << 20))

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert (site.times("/n0"), site.times("/n1"), site.times("/n8")) == (1, 1, 0)
    assert event["refused"]["bytes beyond 1 MiB"] >= 7  # type: ignore[index]
    assert event["bytes"] >= 1_200_000  # type: ignore[operator]


def test_listed_hosts_get_no_request_of_pages_of_other_sites(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    pages = {"/p": f"{TEXT}<img src={other}/counted.png><img src=/own.png>"}
    site.routes |= {path: Reply(body=body) for path, body in pages.items()}
    run = Run(tmp_path, archive, browser=BrowserLimits(blocked=("localhost", "127.0.0.1")))

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert (site.times("/counted.png"), site.times("/own.png")) == (0, 1)
    assert event["refused"]["blocked host localhost"] == 1  # type: ignore[index]


def test_windows_downloads_sockets_and_navigations_are_refused_by_name(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    script = """new WebSocket('ws://' + location.host + '/socket');
        open('/window'); location.href = '/elsewhere';
        const one = Object.assign(document.createElement('a'), {href: '/file', download: 'file'});
        document.body.append(one); one.click();"""
    site.routes["/p"] = Reply(body=f"{TEXT}<script>{script}</script>")
    run = Run(tmp_path, archive, browser=BrowserLimits())

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert event["refused"].keys() >= {"web sockets", "windows", "downloads", "navigations"}  # type: ignore[attr-defined]
    assert {asked.path for asked in site.asked} <= {"/p", "/favicon.ico"}
    assert b"in the page itself" in archive.derived[0][0].body


def test_a_machine_without_the_browser_says_so(tmp_path: Path, archive: MemoryArchive, site: Site) -> None:
    site.routes["/p"] = Reply(body=GOOD)
    run = Run(tmp_path, archive, browser=BrowserLimits(program="no-such-browser"))

    outcome = run(source(f"{site.url}/p", walk="page", fetch="browser"))

    assert (outcome.outcome, outcome.failures) == ("partial", 1)
    assert "Pressmark could not start a browser, so 1 page was archived without what its scripts add" in outcome.reason
    (event,) = [event for event in events(run) if event["event"] == "not-drawn"]
    assert event["reason"] == (
        "the browser 'no-such-browser' is not installed on this machine; install Debian's package chromium"
    )


def test_a_run_says_which_pages_lack_their_text_as_no_browser_starts(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    shells = ["/a", "/b"]
    site.routes |= {path: Reply(body=GOOD) for path in shells} | {"/c": html(text="<p>All of its own text. " * 40)}
    run = Run(tmp_path, archive, browser=BrowserLimits(program="no-such-browser"))

    outcome = run(source(*(f"{site.url}{path}" for path in [*shells, "/c"]), walk="page", fetch="auto"))

    assert outcome.outcome == "partial"
    assert (
        "Pressmark could not start a browser, so 2 pages were archived without what their scripts add" in outcome.reason
    )
    assert {capture.url for _, _, capture in archive.kept} >= {f"{site.url}{path}" for path in shells}


@pytest.mark.costly
def test_a_stream_that_never_ends_is_named_and_its_page_is_kept(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    site.routes |= {
        "/p": Reply(body=f"{TEXT}<script>new EventSource('/events')</script>"),
        "/events": Reply(after=300.0, type="text/event-stream"),
    }
    run = Run(tmp_path, archive, browser=BrowserLimits(seconds=12))

    outcome = run(source(f"{site.url}/p", walk="page", fetch="browser", politeness={"timeout": "2s"}))

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert outcome.failures == 0
    assert event["refused"]["requests without an answer in time"] >= 1  # type: ignore[index]
    assert b"in the page itself" in archive.derived[0][0].body


@pytest.mark.costly
def test_a_page_whose_workers_never_end_is_drawn_and_so_is_the_next_one(site: Site, run: Run) -> None:
    script = """const body = new Blob(['for (;;);'], {type: 'text/javascript'});
    for (let n = 0; n < 4; n++) new Worker(URL.createObjectURL(body)); document.body.append('begun')"""
    site.routes["/p"] = Reply(body=f"<title>t</title><p>A page of some words.<script>{script}</script>")
    site.routes["/q"] = Reply(body="<title>t</title><p>Another page.")
    run.facts["browser"] = BrowserLimits(seconds=20.0)

    outcome = run(source(f"{site.url}/p", f"{site.url}/q", walk="page", fetch="browser"))

    documents = [one.body.decode() for one, _, _ in run.archive.derived if one.kind == "conversion"]
    assert (outcome.outcome, len(documents)) == ("done", 2)
    assert any("begun" in document for document in documents)
    assert not processes(run.directory)
