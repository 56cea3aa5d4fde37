"""Take the pictures of README and docs/pages.md with Debian's Chromium: `make picture`, or some of them by name."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright
from web_of_tests.demo import ARTICLE, pressmark, service
from web_of_tests.newspaper import Newspaper

PICTURES = Path(__file__).parent / "pictures"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SIZE = {"width": 1100, "height": 760}
COLOURS = 160
PASSWORD = "a password of the pictures"  # noqa: S105 (of a service that lives for a minute)
ROOM = '{"default": {"people": ["ben"], "until": "2099-01-01"}}'
CARDS = {"pressmark_layout": "cards", "pressmark_density": "compact"}
SITES = ("academy-of-sciences", "coast-guard", "marine-research", "port-authority", "weather-office")
RELOADED = 6.0
"""Seconds after which a service has read changed files of sources."""
NEWS = "Added at noon: the kettle has been sold to a school of the harbour, which will boil water in it."


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, Newspaper() as paper:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PRESSMARK_HOME": str(Path(directory) / "home"),
            "PRESSMARK_SPOOL__BALLAST": "0B",
            "PRESSMARK_ALLOW__ADDRESSES": '["127.0.0.0/8"]',
            "PRESSMARK_REPLAY__SCRIPTS": "true",
        }
        with service(environment) as url:
            allow = ("--walk", "site", "--every", "1h", "--delay", "0s", "--allow-address", "127.0.0.0/8", "--yes")
            pressmark("add", f"{paper.url}/", "--name", "gazette", *allow, environment=environment)
            pressmark("run", "gazette", environment=environment)
            paper.edit(ARTICLE, edited(paper))
            pressmark("run", "gazette", environment=environment)
            take(chromium, url, wanted(pages(paper.url_of(ARTICLE))))
            add_sites(Path(environment["PRESSMARK_HOME"]) / "sources")
            take(chromium, url, wanted({"cards": "/sources"}), cookies=CARDS)
        admit(environment, f"{paper.url_of(ARTICLE)}?reader=17", Path(directory))
        provider = {"PRESSMARK_OIDC__ISSUER": "http://127.0.0.1:9", "PRESSMARK_OIDC__CLIENT_ID": "pressmark"}
        provider |= {"PRESSMARK_OIDC__DEFAULT_ROLE": "read", "PRESSMARK_OIDC__LABEL": "Library login"}
        with service({**environment, **provider, "PRESSMARK_ROOMS": ROOM}) as url:
            take(chromium, url, wanted({"login": "/login"}))
            take(chromium, url, wanted(pages_of_admins()), person="anna")


def add_sites(directory: Path) -> None:
    """Describe more sources, and wait until the service has read them."""
    for name in SITES:
        text = f"source: {name}\nseeds: ['https://{name}.example/']\ntags: [science]\ntimetable: {{every: 1d}}\n"
        (directory / f"{name}.yaml").write_text(text)
    time.sleep(RELOADED)


def wanted(shots: dict[str, str]) -> dict[str, str]:
    """Return those that the command names; all if it names none."""
    return {name: path for name, path in shots.items() if not sys.argv[1:] or name in sys.argv[1:]}


def admit(environment: dict[str, str], page: str, directory: Path) -> None:
    """Add people and tokens, and take a page down."""
    file = directory / "password"
    file.write_text(PASSWORD)
    for name, role in (("anna", "admin"), ("ben", "read"), ("chen", "curate")):
        pressmark("user", "add", name, "--role", role, "--password-file", str(file), environment=environment)
    pressmark("token", "add", "reading-room", "--collection", "default", "--expires", "90d", environment=environment)
    pressmark("token", "add", "ci", "--role", "trigger", environment=environment)
    pressmark("takedown", "add", page, "--reason", "letter of 3 November, 2026/17", environment=environment)


def pages_of_admins() -> dict[str, str]:
    return {
        "rooms-and-collections": "/collections",
        "takedowns": "/collections/takedowns",
        "people": "/settings/people",
        "tokens": "/settings/tokens",
        "trail": "/settings/trail",
    }


def edited(paper: Newspaper) -> list[str]:
    """Return the paragraphs of the article without the second one, and with news at the end."""
    first, _, *others = next(article.paragraphs for article in paper.articles if article.slug == ARTICLE)
    return [first, *others, NEWS]


def pages(article: str) -> dict[str, str]:
    """Return the paths of the pages, by the names of their pictures."""
    month = datetime.now(UTC).strftime("%Y-%m")
    return {
        "overview": "/",
        "sources": "/sources",
        "source": "/sources/gazette",
        "add": "/add",
        "timetable": "/timetable",
        "runs": "/runs",
        "new": "/new",
        "calendar": f"/captures?url={quote(article)}",
        "month": f"/captures?url={quote(article)}&month={month}",
        "snapshot": f"/snapshot/latest/{article}",
        "scripts": f"/view/scripts/latest/{article}",
        "text": f"/view/text/latest/{article}",
        "headers": f"/view/headers/latest/{article}",
        "record": f"/view/record/latest/{article}",
        "cite": f"/view/cite/latest/{article}",
        "changes": f"/diff/previous/latest/{article}",
        "search": "/search?q=harbour",
        "collections": "/collections",
        "settings": "/settings",
        "api": "/docs",
    }


def take(
    chromium: str, url: str, shots: dict[str, str], person: str | None = None, cookies: dict[str, str] | None = None
) -> None:
    """Take the pictures, logged in as a person if one is named."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        for name, value in (cookies or {}).items():
            page.context.add_cookies([{"name": name, "value": value, "url": url}])
        if person:
            page.goto(f"{url}/login")
            page.get_by_label("Name").fill(person)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").first.click()
            page.wait_for_url(f"{url}/")
        for name, path in shots.items():
            answer = page.goto(url + path, wait_until="networkidle")
            if answer is None or answer.status != 200:
                sys.exit(f"{path} answered {answer and answer.status}")
            page.wait_for_timeout(500)
            keep(PICTURES / f"{name}.png", page.screenshot())
        browser.close()


def keep(file: Path, png: bytes) -> None:
    """Write a picture in few colours: that is enough for text, and keeps the file small."""
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
