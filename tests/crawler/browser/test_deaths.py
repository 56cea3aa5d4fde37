"""A process of the browser is killed at any instant: its page fails with a reason or is whole; the run continues."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import figure
from crawling.crawls import Run, events, source
from crawling.crawls import processes_in as processes
from crawling.memory import MemoryArchive
from crawling.site import Asked, Reply, Site

from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system

_REQUESTS = 12
PAGE = f"""<!doctype html><title>t</title><div id=root></div><script>
(async () => {{
  for (let n = 0; n < {_REQUESTS}; n++) root.append(await (await fetch('/part/' + n)).text());
}})();
</script>"""
GOOD = "<!doctype html><title>t</title><div id=root></div><script>root.append('drawn after the bad one')</script>"


@pytest.mark.parametrize("seed", range(figure(3, 100, 100)))
def test_a_run_continues_after_the_death_of_any_process(
    tmp_path: Path, archive: MemoryArchive, site: Site, seed: int
) -> None:
    chance = random.Random(seed)
    instant = chance.randrange(_REQUESTS)
    killed: list[int] = []

    def part(asked: Asked) -> Reply:
        if asked.path == f"/part/{instant}" and not killed:
            killed.append(chance.choice(sorted(processes(tmp_path))))
            with suppress(ProcessLookupError):
                os.kill(killed[0], signal.SIGKILL)
        return Reply(body="a part of the text. ", type="text/plain")

    site.routes |= {f"/part/{number}": part for number in range(_REQUESTS)}
    site.routes |= {"/bad": Reply(body=PAGE), "/good": Reply(body=GOOD)}
    run = Run(tmp_path, archive, browser=BrowserLimits(seconds=20))

    outcome = run(
        source(f"{site.url}/bad", f"{site.url}/good", walk="page", fetch="browser", politeness={"concurrency": 1}),
        within=300.0,
    )

    told = {str(event["url"]): event for event in events(run) if event["event"] in ("drawn", "not-drawn")}
    documents = {one.url: one.body.decode() for one, _, _ in archive.derived if one.kind == "conversion"}
    bad = told[f"{site.url}/bad"]
    assert killed
    assert bad["event"] == "drawn" or bad["reason"], "a page fails with a reason"
    assert (f"{site.url}/bad" in documents) == (bad["event"] == "drawn")
    assert "drawn after the bad one" in documents[f"{site.url}/good"]
    assert outcome.failures == (bad["event"] != "drawn")
    assert outcome.unanswered == 0
    assert processes(tmp_path) == []
    assert not list(tmp_path.glob("*.browser"))


@pytest.mark.costly
def test_a_page_is_drawn_after_one_that_left_a_browser_which_opens_no_more_pages(
    tmp_path: Path, archive: MemoryArchive, site: Site
) -> None:
    """Each page has a new process, forked from a zygote: without these, the page under way ends as if it were well."""

    def part(_: Asked) -> Reply:
        for process in zygotes(tmp_path):
            os.kill(process, signal.SIGKILL)
        return Reply(body="a part of the text. ", type="text/plain")

    site.routes |= {f"/part/{number}": Reply(body="text ", type="text/plain") for number in range(_REQUESTS)}
    site.routes |= {"/part/0": part, "/bad": Reply(body=PAGE), "/good": Reply(body=GOOD)}
    run = Run(tmp_path, archive, browser=BrowserLimits())

    outcome = run(
        source(f"{site.url}/bad", f"{site.url}/good", walk="page", fetch="browser", politeness={"concurrency": 1}),
        within=300.0,
    )

    asked = Counter(one.path for one in site.asked)
    assert [event["url"] for event in events(run) if event["event"] == "not-drawn"] == []
    documents = {one.url for one, _, _ in archive.derived if one.kind == "conversion"}
    assert documents == {f"{site.url}/bad", f"{site.url}/good"}
    assert (outcome.pages, outcome.failures) == (2, 0)
    assert (asked["/part/0"], asked["/good"], asked["/bad"]) == (1, 1, 1)
    assert processes(tmp_path) == []


def zygotes(directory: Path) -> list[int]:
    return [pid for pid in processes(directory) if b"--type=zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()]
