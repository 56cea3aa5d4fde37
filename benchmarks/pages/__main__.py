"""``python -m benchmarks.pages [CAPTURES] [TEXTS] [--home DIRECTORY]``: time until Chromium first paints our pages.

It measures, for each page, first-contentful-paint by the browser's clock, in a new context each time; the server's CPU
for a request, with a client that does not paint; and the CPU of the page's main thread in the browser. A given home is
kept, and used as it is if it exists.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.machine import called, load
from benchmarks.pages.made import make_home
from benchmarks.retrieval.__main__ import measured, ours
from benchmarks.retrieval.made import url_of
from benchmarks.search.made import tongues

BAR = 200
"""Milliseconds to the first paint."""
ROUNDS = 7
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_PAINTED = """() => new Promise(told => new PerformanceObserver(list => list.getEntries()
    .filter(entry => entry.name === 'first-contentful-paint').forEach(entry => told(entry.startTime)))
    .observe({type: 'paint', buffered: true}))"""


def pages() -> dict[str, str]:
    common, *_ = tongues()[0].words
    url = url_of(777)
    return {
        "Overview": "/",
        "Sources": "/sources",
        "a source": "/sources/source-7",
        "Runs": "/runs",
        "New": "/new",
        "New, of a source": "/new?source=source-7",
        "Calendar of a URL": f"/captures?url={url.replace('?', '%3F').replace('=', '%3D')}",
        "Collections": "/collections",
        "Search, a common word": f"/search?q={common}",
    }


def painted(browser: Browser, address: str) -> tuple[float, float]:
    """Return the time to the first paint, and the CPU of the main thread until the page is loaded, in milliseconds."""
    context = browser.new_context()
    page = context.new_page()
    metrics = context.new_cdp_session(page)
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    found: float = page.evaluate(_PAINTED)
    used = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
    context.close()
    return found, used["TaskDuration"] * 1000


def look(home: Path) -> None:
    (home / "told").unlink(missing_ok=True)
    with ours(home) as server, sync_playwright() as playwright:
        url = (home / "told").read_text()
        port = int(url.rpartition(":")[2])
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=_FLAGS)
        print(f"{'ms':26}{'median':>8}{'worst':>8}{'best':>8}{'CPU of the server':>20}{'of the browser':>16}")
        for name, path in pages().items():
            found, cpu = zip(*(painted(browser, url + path) for _ in range(ROUNDS)), strict=True)
            used = min(measured(server, port, [path] * 10)[0] for _ in range(3))
            print(
                f"{name:26}{median(found):8.0f}{max(found):8.0f}{min(found):8.0f}{used:20.1f}{median(cpu):16.1f}",
                flush=True,
            )
        browser.close()


def main() -> None:
    arguments = called("benchmarks.pages", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=1_000_000)
    arguments.add_argument("texts", type=int, nargs="?", default=5_000)
    arguments.add_argument("--home", type=Path, help="where the home is made; without it, nothing is kept")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        home = wanted.home or Path(passing) / "home"
        if not home.exists():
            make_home(home, wanted.captures, wanted.texts)
        print(f"{wanted.captures} captures, {wanted.texts} with texts; bar: {BAR} ms to the first paint. {load()}")
        look(home)
        print(load())


if __name__ == "__main__":
    main()
