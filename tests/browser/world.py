"""A service with something to show on each of our own pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from browser.conftest import TOKEN
from journeys.household import QUICK, Household, Served, gazette
from services.waiting import eventually
from specimens.reprints import AGENCY, AGENCY_ZH
from specimens.versions import THREAD, Version, keep, thread_version
from web_of_tests.newspaper import Newspaper

from archive.database.marks import Marks
from config.groups.watches import Watch
from config.settings import load_settings
from pressmark.notify.webhooks.signing import new_secret
from pressmark.service.assembly import open_pressmark
from pressmark.views.capture_choice import LATEST, snapshot_at
from pressmark.views.review.snapshot_notes import annotate
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_subscriptions import Schedule, WatchSubscriptions

ARTICLE = "forum-instrument-market"
COPIES = ("https://coast.example/wire?id=1&x=y", "https://bay.example/2", "https://bay.example/3")
LETTER = "https://gone.example/letter"
BEARER = f"Bearer {TOKEN}"


@dataclass(frozen=True)
class World:
    served: Served
    paper: Newspaper
    household: Household
    runs: list[str]
    take_down: str
    """Of a page that can be deleted for good."""
    token_of_messages: str
    """Ends the messages of a watch."""

    def paths(self) -> dict[str, str]:
        url = self.paper.url_of(ARTICLE)
        views = {view: f"/view/{view}/latest/{url}" for view in ("text", "headers", "record", "cite")}
        return views | {
            "overview": "/",
            "sources": "/sources",
            "source": "/sources/gazette",
            "add": "/add",
            "archive and cite": f"/archive?url={url}",
            "crawler": "/crawler",
            "watches": "/watches",
            "watch": "/watches/kettles",
            "trial of a watch": "/watches/kettles?trial=true",
            "paused watch": "/watches/queue",
            "change of a watch": "/watches/queue/edit",
            "new watch": "/add/watch",
            "feed address": "/new/feeds",
            "list of sources to add": "/add/list",
            "change of a source": "/sources/gazette/edit",
            "copy of a source": "/sources/gazette/duplicate",
            "removal of a source": "/sources/gazette/remove",
            "timetable": "/timetable",
            "runs": "/runs",
            "run": f"/runs/{self.runs[0]}",
            "failed run": f"/runs/{self.runs[-1]}",
            "review": f"/runs/{self.runs[1]}/review",
            "check by replay": f"/runs/{self.runs[1]}/qa",
            "review of a failed run": f"/runs/{self.runs[-1]}/review",
            "new": "/new",
            "captures": f"/captures?url={url}",
            "month": f"/captures?url={url}&month={time.strftime('%Y-%m', time.gmtime())}",
            "diff": f"/diff/previous/latest/{url}",
            "diff, side by side": f"/compare/side-all/previous/latest/{url}",
            "diff, by line": f"/compare/lines/previous/latest/{url}",
            "nothing to compare": f"/diff/previous/latest/{self.paper.url}/",
            "nothing kept": "/captures?url=https://nobody.example/",
            "tags and notes": "/notes",
            "end of messages": f"/unsubscribe/{self.token_of_messages}",
            "collections": "/collections",
            "take-downs": "/collections/takedowns",
            "purge": f"/collections/takedowns/{self.take_down}/purge",
            "holds": "/collections/holds",
            "retention": "/collections/retention",
            "taken down": "/snapshot/latest/https://nobody.example/private",
            "search": "/search?q=forum",
            "go to": "/search/go?q=gazette",
            "settings": "/settings",
            "people": "/settings/people",
            "tokens": "/settings/tokens",
            "trail": "/settings/trail",
            "shared jobs": "/settings/jobs",
            "texts to extract again": "/settings/jobs/extraction",
            "thread": f"/thread/all/latest/{THREAD}",
            "thread, changed": f"/thread/changed/latest/{THREAD}",
            "diff of a thread": f"/diff/previous/latest/{THREAD}",
            "webhooks": "/webhooks",
            "webhook": "/webhooks/team",
            "add a webhook": "/add/webhook",
            "channel by mail": "/settings/notifications/mail",
            "channel by webhook": "/settings/notifications/webhook",
            "channel by Apprise": "/settings/notifications/apprise",
            "stored copies": "/fixity",
            "purge by retention": "/collections/retention/default/purge",
            "docs": "/docs",
            "snapshot": f"/snapshot/latest/{url}",
            "snapshot with copies": f"/snapshot/latest/{COPIES[0]}",
            "search with copies": "/search?q=wire",
            "no such page": "/sources/nobody",
        }


@contextmanager
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve an archive of a newspaper with two versions, a failed run, a thread, copies of a text, and a webhook."""
    household = Household(tmp_path_factory.mktemp("pages") / "home", {**QUICK, "PRESSMARK_TOKEN": TOKEN})
    with Newspaper(slow=0.1) as paper:
        every = "timetable: {cron: '30 2 * * *', timezone: Europe/Berlin}\n"
        household.source("gazette", gazette(f"{paper.url}/", more=every))
        failing = gazette("http://127.0.0.1:9/", walk="page", more="timetable: {every: 6h}\n")
        household.source("failing", failing.replace("gazette", "failing", 1))
        webhook = f"webhooks: {{team: {{url: 'http://127.0.0.1:9/', secret: {new_secret()}}}}}\n"
        (household.home / "pressmark.yaml").write_text(f"{webhook}retention: {{default: 1d}}\n")
        posts = [[("1", "Who decides?"), ("2", "The board.")], [("1", "Who decides about it?"), ("3", "I do.")]]
        with open_pressmark(load_settings({"home": str(household.home), "spool.ballast": "0B"})) as service:
            warcs = tmp_path_factory.mktemp("warcs")
            watches = PageWatches(service.database)
            watches.add("kettles", PageWatch(Watch(phrases=("kettle", "board"))))
            watches.add("queue", PageWatch(Watch(phrases=("queue",), only=("text",), languages=("en",)), paused=True))
            Marks(service.database, "watch/").set("torn", "{")
            asked = {"language": "en", "by": "person anna", "cursor": 0, "now": service.now()}
            weekly, told = Schedule("weekly", zone="Asia/Shanghai"), WatchSubscriptions(service.database)
            told.add("kettles", "mail", "anna@example.org", weekly, **asked)
            keep(service, warcs, *(thread_version(some, minute) for minute, some in enumerate(posts)))
            copied = "\n".join((*AGENCY, *AGENCY_ZH))
            keep(service, warcs, *(Version(copied, url, n, f"The wire, {n}") for n, url in enumerate(COPIES)))
            keep(service, warcs, Version("This letter has to go.", LETTER, 4, "A letter"))
            with snapshot_at(service, COPIES[0], LATEST) as found:
                annotate(service, found, ["wire", "通讯社"], "Compare it with the other one.", by="person anna")
            [messages] = told.all().values()
        (household.home / "password").write_text("a password of these tests")
        household.run("user", "add", "anna", "--role", "curate", "--password-file", str(household.home / "password"))
        household.run("takedown", "add", "https://nobody.example/private", "--reason", "2026/17", "--until", "2099")
        letter = household.run("takedown", "add", LETTER, "--reason", "2026/18", "--json").json["id"]
        household.run("hold", "add", "--collection", "press", "--reason", "2026/19", "--until", "2099")
        household.run("token", "add", "ci", "--collection", "default", "--expires", "90d")
        with household.serving() as served:
            runs = [household.run("run", "gazette", "--json").json["items"][0]["id"]]
            paper.edit(ARTICLE, ["A kettle is a kettle, and this is another text about the queue. " * 9])
            runs.append(household.run("run", "gazette", "--json").json["items"][0]["id"])
            runs.append(ask(served, "POST", "/api/v1/sources/failing/runs").json["id"])
            eventually(lambda: ask(served, "GET", f"/api/v1/runs/{runs[-1]}").json["status"] == "over")
            household.run("runs", "mark", runs[-1], "http://127.0.0.1:9/", "bad", "--note", "No server is there.")
            text = f"/api/v1/snapshots/latest/text/{paper.url_of(ARTICLE)}"
            eventually(lambda: "another text" in ask(served, "GET", text).text)
            yield World(served, paper, household, runs, letter, messages.token)


def ask(served: Served, method: str, path: str):  # type: ignore[no-untyped-def]
    return served.ask(method, path, headers={"Authorization": BEARER})
