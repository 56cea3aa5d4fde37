"""A language model in the pages, the API and the command line: wanted by a watch, shown with its mark, and tested."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from crawling.site import Reply, Site, serving
from services.language_model import MODEL, PATH, obliging, settings_for
from services.retrieving import Retrieving, served
from services.source_forms import FORM
from specimens.versions import Version, keep

from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.notify.watches.assisting import Assisting
from pressmark.notify.watches.following import Following
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from scheduler.notices.page_watches import PageWatches

MARK = f"Made by a machine ({MODEL}), not checked"
WATCH = {"name": "harbour", "phrases": "harbour", "summary": "yes", "translation": "zh"}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes[PATH] = obliging
        yield site


@pytest.fixture
def archive(tmp_path: Path, site: Site) -> Iterator[Retrieving]:
    (tmp_path / "warcs").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / "pressmark.yaml").write_text(json.dumps({"assistant": settings_for(site)}))
    with open_pressmark(load_settings({"home": str(home)}, dotenv=None)) as service, served(service) as url:
        yield Retrieving(url, service, [])


def send(archive: Retrieving, path: str, **fields: str) -> tuple[int, str]:
    status, answer = archive.send_body("POST", path, urlencode(fields).encode(), FORM, Accept="text/html")
    return status, answer.decode()


def shown(archive: Retrieving, path: str, language: str) -> str:
    return archive.get(path, Accept_Language=language)[2].decode()


def archived(archive: Retrieving, tmp_path: Path, text: str) -> None:
    keep(archive.service, tmp_path / "warcs", Version(text, facts={"language": "en"}))
    Following(archive.service).follow()
    asyncio.run(Assisting(archive.service).assist())


def test_a_watch_of_the_pages_shows_the_texts_below_the_sentence_with_their_mark(
    archive: Retrieving, tmp_path: Path
) -> None:
    added = send(archive, "/add/watch", **WATCH)
    form = archive.text("/watches/harbour/edit")
    Following(archive.service).follow()
    archived(archive, tmp_path, "The harbour was <loud>.")
    page, chinese = archive.text("/watches/harbour"), shown(archive, "/watches/harbour", "zh")
    [hit] = json.loads(archive.text("/api/v1/watches/harbour/hits"))["items"]

    assert added[0] == 303
    assert 'name="summary" value="yes" checked' in form and "<option selected>zh</option>" in form
    sentence, text = page.index('<p dir="auto">The harbour was &lt;loud&gt;.'), page.index("TRANSLATION of")
    assert sentence < text and page.count(MARK) == 2 and "<loud>" not in page
    assert f"机器生成（{MODEL}），未经核对" in chinese
    assert [(one["kind"], one["state"], one["mark"], one["language"]) for one in hit["machine"]] == [
        ("summary", "made", MARK, "zh"),
        ("translation", "made", MARK, "zh"),
    ]


def test_why_there_is_no_text_is_on_the_page(archive: Retrieving, site: Site, tmp_path: Path) -> None:
    send(archive, "/add/watch", **WATCH)
    Following(archive.service).follow()
    site.routes[PATH] = Reply(500)
    archived(archive, tmp_path, "The harbour was loud.")
    english, chinese = (shown(archive, "/watches/harbour", tag) for tag in ("en", "zh"))

    assert "No translation: 127.0.0.1 answered 500" in english and MARK not in english
    assert "没有译文" in chinese


def test_a_language_that_is_not_offered_and_a_model_that_is_not_there_are_refused(
    archive: Retrieving, tmp_path: Path
) -> None:
    wrong = send(archive, "/add/watch", **WATCH | {"translation": "xx"})
    with open_pressmark(Settings(home=tmp_path / "bare")) as bare, served(bare) as url:
        door = Retrieving(url, bare, [])
        without = send(door, "/add/watch", **WATCH)
        form, channels = door.text("/add/watch"), door.text("/webhooks")
        missing = door.ask("GET", "/api/v1/assistant")[0], door.ask("POST", "/api/v1/assistant/test")[0]

    assert (wrong[0], without[0]) == (422, 422)
    assert "unknown language" in wrong[1] and "en, zh" in wrong[1]
    assert "set assistant.url and assistant.model" in without[1]
    assert 'name="summary"' not in form and "The settings name no language model." in channels
    assert missing == (404, 404)
    assert PageWatches(archive.service.database).all() == {}


def test_a_test_sends_a_sentence_that_is_not_of_the_archive_and_shows_the_answer(
    archive: Retrieving, site: Site
) -> None:
    by_page = send(archive, "/settings/assistant/test")
    status, by_api = archive.send_body("POST", "/api/v1/assistant/test", b"", FORM)
    state = json.loads(archive.text("/api/v1/assistant"))
    site.routes[PATH] = Reply(503)
    failed = send(archive, "/settings/assistant/test")

    assert by_page[0] == 200 and "TRANSLATION of: The reading room opens" in by_page[1] and MARK in by_page[1]
    assert status == 200 and json.loads(by_api)["mark"] == MARK
    assert (state["model"], state["requests_today"], state["failing"]) == (MODEL, 2, None)
    assert failed[0] == 200 and "127.0.0.1 answered 503" in failed[1]


def test_readers_and_curators_send_no_tests(archive: Retrieving, site: Site) -> None:
    archive.service.access.people.add("ada", Role.ADMIN, "a long password of words")
    refused = []
    for role in (Role.READ, Role.TRIGGER, Role.CURATE):
        _, token = archive.service.access.add_token(f"of-{role.name.lower()}", role)
        headers = {"Authorization": f"Bearer {token}"}
        refused.append(archive.send_body("POST", "/api/v1/assistant/test", b"", FORM, **headers)[0])

    assert (refused, site.asked) == ([403, 403, 403], [])


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_command_tests_the_model_and_its_exit_code_says_whether_it_answered(
    archive: Retrieving, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(archive.service.settings.home)
    good = run("--home", home, "watches", "assistant", "--json")
    said = json.loads(capsys.readouterr().out)
    site.routes[PATH] = Reply(500)
    bad = run("--home", home, "watches", "assistant")
    told = capsys.readouterr()

    assert (good, bad) == (0, Exit.TEMPORARY)
    assert said["trial"]["text"].startswith("TRANSLATION of") and said["assistant"]["requests_today"] == 1
    assert "127.0.0.1 answered 500" in told.out + told.err and "assistant.addresses" in told.err
