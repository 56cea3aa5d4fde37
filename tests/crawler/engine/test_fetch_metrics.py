"""Each download is counted once: by its source, its result, and its duration."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from crawling.crawls import Run, archiving, events, source
from crawling.site import Reply, Site, html, redirect

from archive.values.counters import SUM, Figure, Figures


def test_the_class_of_a_fetch_is_its_result(site: Site, tmp_path: Path) -> None:
    figures = Figures()
    site.routes["/"] = html("/gone", "/moved", "/broken", "/cut", "/long", "/slow", "/deaf")
    site.routes["/moved"] = redirect("http://169.254.169.254/latest/meta-data")
    site.routes["/broken"] = Reply(500)
    site.routes["/cut"] = Reply(cut=True)
    site.routes["/long"] = Reply(body="x" * 5000, headers=(("Content-Type", "text/html"),))
    site.routes["/slow"] = Reply(body="slow", after=30.0)
    site.routes["/deaf"] = redirect("http://127.0.0.1:9/")
    limits = {"page_bytes": 4096}
    politeness = {"retries": 0, "timeout": "1s"}
    hosts = {"scope": {"hosts": ["169.254.169.254", "127.0.0.1:9"]}}
    with archiving() as archive:
        Run(tmp_path, archive, figures=figures)(
            source(f"{site.url}/", walk="site", politeness=politeness, limits=limits, **hosts)
        )
    with figures.drained() as taken:
        classes = Counter({of[1]: int(n) for (figure, of), n in taken.items() if figure is Figure.FETCHES})
        sources = {of[0] for figure, of in taken if figure is Figure.FETCHES}
        timed = {of[0]: n for (figure, of), n in taken.items() if figure is Figure.FETCH_SECONDS}
        forbidden = {of: n for (figure, of), n in taken.items() if figure is Figure.FORBIDDEN}

    print(classes, forbidden, timed)
    assert sources == {"test"}
    assert classes["2xx"] == 1
    assert classes["3xx"] == 2
    assert classes["4xx"] == 1
    assert classes["5xx"] == 1
    assert classes["timeout"] == 1
    assert classes["too-long"] == 1
    assert classes["forbidden"] == 1
    assert classes["refused"] == 1
    assert classes["broken"] + classes["torn"] == 1
    assert forbidden == {("metadata",): 1.0}
    assert timed.pop(SUM) >= 1.0
    assert sum(timed.values()) == classes.total()


def test_a_host_without_an_address_is_counted_as_unresolved(tmp_path: Path) -> None:
    import socket

    async def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "nobody")

    figures = Figures()
    with archiving() as archive:
        run = Run(tmp_path, archive, figures=figures, resolver=nobody)
        run(source("http://nobody.example/", walk="page", politeness={"retries": 0}))

    with figures.drained() as taken:
        assert taken[Figure.FETCHES, ("test", "dns")] == 1.0


def test_the_log_of_a_run_says_how_long_the_answers_of_the_site_took(site: Site, tmp_path: Path) -> None:
    """One answer takes at least 0.4 s, and a page without an answer does not count."""
    site.routes["/"] = html("/slow", "/cut")
    site.routes["/slow"] = Reply(body="slow", after=0.4)
    site.routes["/cut"] = Reply(cut=True)
    with archiving() as archive:
        run = Run(tmp_path, archive)
        run(source(f"{site.url}/", walk="site", politeness={"retries": 0}))
    [times] = [one["times"] for one in events(run) if one["event"] == "over"]

    assert isinstance(times, dict)
    assert times["answers"] == 2, "the first page and the slow one"
    assert times["slowest_ms"] >= 400 and times["slowest_ms"] / 2 <= times["mean_ms"] <= times["slowest_ms"]
