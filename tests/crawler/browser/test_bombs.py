"""A page does what ends or holds a browser, at any instant: it fails with a reason or is whole; the run continues."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import figure
from crawling.crawls import Run, events, source
from crawling.crawls import processes_in as processes
from crawling.memory import MemoryArchive
from crawling.site import Asked, Reply, Site

from crawler.policy.shared import BrowserLimits

pytestmark = [pytest.mark.system, pytest.mark.costly]

_REQUESTS = 12
BOMBS: Mapping[str, str] = {
    "a script that never ends": "while (true);",
    "messages without end": "while (true) console.error('m'.repeat(1000));",
    "a document without end": """for (;;) {
        const one = document.createElement('div');
        one.innerHTML = '<p>word <b>word</b></p>'.repeat(20000);
        document.body.append(one);
        await new Promise(done => setTimeout(done));
    }""",
    "dialogs without end": "while (true) alert('again');",
    "ten thousand windows": "for (let n = 0; n < 10000; n++) open('/window/' + n);",
    "downloads": """for (let n = 0; n < 200; n++) {
        const one = Object.assign(document.createElement('a'), {href: '/download/' + n, download: 'file'});
        document.body.append(one); one.click();
    }""",
    "redirects by script": "for (let n = 0; n < 1000; n++) { location.href = '/elsewhere/' + n; await 0; }",
    "a browser that stops": "",
}
GOOD = "<!doctype html><title>t</title><div id=root></div><script>root.append('drawn after the bad one')</script>"


def page(bomb: str, instant: int) -> str:
    return f"""<!doctype html><title>t</title><div id=root></div><script>(async () => {{
        for (let n = 0; n < {_REQUESTS}; n++) {{
            if (n === {instant}) await (async () => {{ {bomb} }})();
            root.append(await (await fetch('/part/' + n)).text());
        }}
    }})();</script>"""


@pytest.mark.parametrize("seed", range(figure(1, 3, 13)))
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_run_continues_after_a_page_that_holds_or_ends_the_browser(
    tmp_path: Path, archive: MemoryArchive, site: Site, bomb: str, seed: int
) -> None:
    instant = random.Random(f"{bomb} {seed}").randrange(_REQUESTS)

    def part(asked: Asked) -> Reply:
        if not BOMBS[bomb] and asked.path == f"/part/{instant}":
            for pid in processes(tmp_path):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
        return Reply(body="a part of the text. ", type="text/plain")

    site.routes |= {f"/part/{number}": part for number in range(_REQUESTS)}
    site.routes |= {"/bad": Reply(body=page(BOMBS[bomb], instant)), "/good": Reply(body=GOOD)}
    run = Run(tmp_path, archive, browser=BrowserLimits(seconds=15, answers=5, memory=1 << 30))

    outcome = run(
        source(f"{site.url}/bad", f"{site.url}/good", walk="page", fetch="browser", politeness={"concurrency": 1}),
        within=300.0,
    )

    told = {str(event["url"]): event for event in events(run) if event["event"] in ("drawn", "not-drawn")}
    documents = {one.url: one.body.decode() for one, _, _ in archive.derived if one.kind == "conversion"}
    bad = told[f"{site.url}/bad"]
    assert bad["event"] == "drawn" or bad["reason"], "a page fails with a reason"
    assert (f"{site.url}/bad" in documents) == (bad["event"] == "drawn")
    assert "drawn after the bad one" in documents[f"{site.url}/good"]
    assert outcome.failures == (bad["event"] != "drawn")
    assert outcome.unanswered == 0
    assert {capture.url for _, _, capture in archive.kept} >= {f"{site.url}{asked.path}" for asked in site.asked}
    assert processes(tmp_path) == []
    assert not list(tmp_path.glob("*.browser"))
    print(f"{bomb} at {instant}: {bad['event']} {bad.get('reason')} {bad.get('refused')}")
