"""The browser extension, loaded into Chromium: it archives the page of the active tab, and copies a citation."""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser.axe import violations
from browser.conftest import FLAGS, PATIENCE, TOKEN
from journeys.household import QUICK, Household, Served, gazette
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from web_of_tests.newspaper import Newspaper

import pressmark
from pressmark.web.citing.extension_zip import DIRECTORY, manifest

pytestmark = pytest.mark.system
ARTICLE = "forum-instrument-market"
HOSTS = ["http://127.0.0.1/*"]
"""What a person allows in a dialog, which no test can press; with this, the active tab has an address, too."""
ACTIVATE = """async (url) => {
    const tabs = await chrome.tabs.query({});
    await chrome.tabs.update(tabs.find(one => one.url === url).id, {active: true});
}"""


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper() as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, paper: Newspaper) -> Iterator[Served]:
    household = Household(tmp_path_factory.mktemp("extension") / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN})
    household.source("gazette", gazette(f"{paper.url}/", walk="page"))
    with household.serving() as service:
        yield service


@pytest.fixture
def unpacked(served: Served, tmp_path: Path) -> Path:
    """The extension as a person downloads and unpacks it, with what a person allows."""
    answer = served.get("/archive/extension.zip", Authorization=f"Bearer {TOKEN}")
    zipfile.ZipFile(io.BytesIO(answer.body)).extractall(tmp_path)
    [folder] = tmp_path.iterdir()
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"host_permissions": HOSTS}))
    return folder


@pytest.fixture(params=["en-GB", pytest.param("zh-CN", marks=pytest.mark.costly)])
def context(unpacked: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    loading = (f"--disable-extensions-except={unpacked}", f"--load-extension={unpacked}", f"--lang={request.param}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=chromium, args=[*FLAGS, *loading], locale=request.param
        )
        yield opened
        opened.close()


@pytest.fixture
def options(context: BrowserContext) -> Page:
    """The options page of the extension."""
    page = context.new_page()
    page.goto("chrome://extensions/")
    listed = "new Promise(done => chrome.developerPrivate.getExtensionsInfo({}, done))"
    [own] = [each for each in page.evaluate(listed) if each["location"] == "UNPACKED"]
    assert own["manifestErrors"] == own["runtimeErrors"] == []
    page.goto(f"chrome-extension://{own['id']}/options.html")
    return page


def allow(options: Page, served: Served, token: str) -> str:
    """Save an address and a token; return what the page says."""
    options.locator("#address").fill(f"{served.url}/")
    options.locator("#token").fill(token)
    options.locator("button").click()
    expect(options.locator("#state")).not_to_be_empty()
    return options.locator("#state").inner_text()


def popup(options: Page, context: BrowserContext, url: str = "") -> Page:
    """Open a page, or that of the options, in a tab that becomes the active one, and the popup beside it."""
    if url:
        context.new_page().goto(url)
    options.evaluate(ACTIVATE, url or options.url)
    with context.expect_page() as opened:
        options.evaluate("chrome.tabs.create({url: 'popup.html', active: false}).then(() => true)")
    return opened.value


def title_of(paper: Newspaper) -> str:
    return next(article.title for article in paper.articles if article.slug == ARTICLE)


def says(page: Page, language: str) -> dict[str, str]:
    """Return the words of the extension in a language."""
    named = "zh_CN" if language == "zh-CN" else "en"
    text = page.evaluate(f"fetch('/_locales/{named}/messages.json').then(found => found.json())")
    return {name: each["message"] for name, each in text.items()}


def test_the_extension_archives_the_page_of_the_tab_and_shows_its_snapshot_and_a_citation(
    context: BrowserContext, options: Page, served: Served, paper: Newspaper, request: pytest.FixtureRequest
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    words = says(options, options.evaluate("chrome.i18n.getUILanguage()"))
    first = popup(options, context, paper.url_of(ARTICLE))
    expect(first.locator("#state")).to_have_text(words["noService"])
    wrong = allow(options, served, "a token that is wrong")
    options.reload()
    right = allow(options, served, TOKEN)
    shown = popup(options, context, paper.url_of(ARTICLE))
    shown.locator("#archive").click()
    expect(shown.locator("#state")).to_have_text(words["archived"])
    shown.locator("#style").select_option("bibtex")
    expect(shown.locator("#citation")).to_contain_text("@online{")
    expect(shown.locator("#citation")).to_contain_text(title_of(paper))
    cited, snapshot = shown.locator("#citation").inner_text(), shown.locator("#snapshot").get_attribute("href") or ""
    broken = violations(shown) | violations(options)
    again = popup(options, context, paper.url_of(ARTICLE))
    expect(again.locator("#state")).to_have_text(words["archived"])
    runs = served.get("/api/v1/runs", Authorization=f"Bearer {TOKEN}").json["items"]

    assert (wrong, right) == (words["wrongToken"], words["saved"])
    assert snapshot.startswith(f"{served.url}/snapshot/2") and snapshot.endswith(paper.url_of(ARTICLE))
    assert snapshot in cited
    assert broken == {}
    assert len({run["id"] for run in runs}) == 1 + ("zh" in request.node.name), "the second popup follows the same run"


def test_a_page_that_is_not_archived_is_reported_with_the_reason_of_the_run(
    context: BrowserContext, options: Page, served: Served, paper: Newspaper
) -> None:
    words = says(options, options.evaluate("chrome.i18n.getUILanguage()"))
    allow(options, served, TOKEN)
    gone = popup(options, context, f"{paper.url}/nothing-here.html")
    gone.locator("#archive").click()
    beginning = words["notArchived"].partition("$")[0]
    expect(gone.locator("#state")).to_contain_text(beginning)
    why = gone.locator("#state").inner_text().removeprefix(beginning)
    other = popup(options, context)
    expect(other.locator("#state")).to_have_text(words["noPage"])
    buttons = other.locator("button:visible").count()

    options.evaluate("chrome.storage.session.clear()")
    later = popup(options, context, f"{paper.url}/nothing-here.html")
    expect(later.locator("#state")).to_contain_text("404")
    expect(later.locator("#archive")).to_be_visible()

    assert len(why) > 10 and gone.locator("#cited").is_hidden() and later.locator("#cited").is_hidden()
    assert buttons == 0


def test_a_token_is_sent_to_the_service_alone_that_it_was_saved_for(
    options: Page, served: Served, other_server: list[str]
) -> None:
    """With its control: a token that is entered for the new address is sent there."""
    words, (other, *_) = says(options, options.evaluate("chrome.i18n.getUILanguage()")), other_server
    allow(options, served, TOKEN)
    options.reload()
    expect(options.locator("#token")).to_have_value(TOKEN)
    for token in (None, "another"):
        options.locator("#address").fill(other)
        if token:
            options.locator("#token").fill(token)
        options.locator("button").click()
        expect(options.locator("#state")).not_to_be_empty()
        options.evaluate("document.getElementById('state').textContent = ''")
    options.locator("#address").fill("http://archive.example.org")
    options.locator("button").click()
    expect(options.locator("#state")).to_have_text(words["notSafe"])

    assert other_server[1:] == ["None", "Bearer another"]


@pytest.fixture
def other_server() -> Iterator[list[str]]:
    """Another server: its address, and the Authorization of each request that it gets."""
    seen: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(str(self.headers["Authorization"]))
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen.append(f"http://127.0.0.1:{server.server_port}")
        yield seen
        server.shutdown()


def test_the_extension_has_no_code_from_elsewhere_and_asks_for_least() -> None:
    files = {path.name: path.read_text("utf-8") for path in DIRECTORY.iterdir() if path.is_file()}
    facts, words = manifest(), {}
    for language in ("en", "zh_CN"):
        words[language] = json.loads((DIRECTORY / "_locales" / language / "messages.json").read_text("utf-8"))
    used = set(re.findall(r'(?:say\("|data-say="|__MSG_)(\w+?)(?:"|__)', "".join(files.values())))

    assert facts["permissions"] == ["activeTab", "storage"] and "host_permissions" not in facts
    assert not [
        name for name, text in files.items() if re.search(r"(?:src|href)=\"\w+:|import\(|eval\(|innerHTML", text)
    ]
    assert used == words["en"].keys() == words["zh_CN"].keys()
    assert facts["version"] == pressmark.__version__
    assert all(
        each["message"].count("$") == words["zh_CN"][name]["message"].count("$") for name, each in words["en"].items()
    )
