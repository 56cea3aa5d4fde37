"""What the documentation says that people may, sentence by sentence, and what belongs to one of them alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import Retrieving, served

from config.settings import Settings
from pressmark.http.route_roles import RULES, rule_of
from pressmark.http.rules.rule import Rule
from pressmark.http.sessions import COOKIE
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
READ, TRIGGER, CURATE, ADMIN = Role.READ, Role.TRIGGER, Role.CURATE, Role.ADMIN
API = "/api/v1"

SAID: list[tuple[str, str, Role, list[str]]] = [
    ("people", "look at sources, runs and everything archived", READ, [
        "GET /sources", "GET /runs", "GET /runs/r", "GET /search", f"GET {API}/sources", f"GET {API}/captures",
        f"GET {API}/runs/r/failures", f"GET {API}/exports/warc", "GET /web/2026/http://a.example/",
    ]),
    ("people", "and request and cancel runs", TRIGGER, [
        f"POST {API}/sources/news/runs", f"POST {API}/runs", f"POST {API}/runs/r/cancel", "POST /runs/r/cancel",
        "POST /runs/r/retry", "POST /sources/run", "POST /sources/cancel", "POST /sources/news/run",
        "POST /sources/news/run-all", "POST /sources/news/run-in-full", "POST /archive", "GET /save/http://a.example/",
    ]),
    ("people", "can also add, remove and pause sources, and extract texts again", CURATE, [
        f"POST {API}/sources", f"DELETE {API}/sources/news", f"POST {API}/sources/news/pause",
        f"POST {API}/sources/news/resume", f"POST {API}/pause", f"POST {API}/extractions", "POST /add/write",
        "POST /add/list/write", "POST /sources/pause", "POST /sources/remove", "POST /sources/undo",
        "POST /sources/news/edit", "POST /sources/news/remove", "POST /pause", "POST /resume",
        f"PUT {API}/sources/news/text", f"GET {API}/sources/news/text",
    ]),
    ("people", "and manage settings, webhooks, people, tokens and the audit trail", ADMIN, [
        "GET /settings", "GET /settings/people", "POST /settings/people", "POST /settings/people/ben/remove",
        "POST /settings/people/ben/password", "POST /settings/tokens", "POST /settings/tokens/ci/revoke",
        "GET /settings/trail", f"GET {API}/trail", f"GET {API}/webhooks", f"PUT {API}/webhooks/team",
        f"DELETE {API}/webhooks/team", f"POST {API}/webhooks/team/undo", "POST /webhooks/team/remove",
        "POST /settings/notifications/mail", "POST /settings/notifications/mail/remove",
        f"POST {API}/jobs/j/cancel", "POST /settings/jobs/j/cancel",
    ]),
    ("takedowns", "Curators and\nadmins take down:", CURATE, [
        f"POST {API}/takedowns", f"POST {API}/takedowns/t/lift", "POST /collections/takedowns",
        "POST /collections/takedowns/t/lift", f"GET {API}/takedowns",
    ]),
    ("takedowns", "Only admins purge", ADMIN, [
        f"GET {API}/takedowns/t/purge", f"POST {API}/takedowns/t/purge", "POST /collections/takedowns/t/purge",
    ]),
    ("retention", "Only admins add and lift holds.", ADMIN, [
        f"GET {API}/holds", f"POST {API}/holds", f"POST {API}/holds/h/lift", "POST /collections/holds",
        "POST /collections/holds/h/lift", f"POST {API}/retention/news/purge", "POST /collections/retention/news/purge",
    ]),
    ("watches", "With the role `curate`, people add watches on the page **Watches**, change", CURATE, [
        "POST /add/watch", "POST /watches/w/edit", "POST /watches/w/pause", "POST /watches/w/remove",
        f"PUT {API}/watches/w", f"DELETE {API}/watches/w", f"POST {API}/watches/w/undo",
    ]),
    ("review", "People with the role `curate` mark each listed page", CURATE, [
        f"POST {API}/runs/r/review", "POST /runs/r/review", f"POST {API}/runs/r/qa", "POST /runs/r/qa",
    ]),
    ("review", "People with the role `curate` give an archived page tags and a note", CURATE, [
        f"PUT {API}/notes/20260101000000/http://a.example/", f"POST {API}/notes/tags", "POST /notes/tags",
        "POST /notes/write/20260101000000/http://a.example/",
    ]),
    ("sources", "Running needs the role `trigger`, everything else `curate`.", CURATE, [
        "POST /sources/resume", "POST /sources/collection", "POST /sources/tags", "POST /sources/timetable",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("page", "sentence", "role", "asked"), SAID, ids=[one[1][:40] for one in SAID])
def test_the_routes_need_the_role_that_the_documentation_says(
    page: str, sentence: str, role: Role, asked: list[str]
) -> None:
    assert sentence in (DOCS / f"{page}.md").read_text()
    found = {one: rule_of(*one.split(" ", 1)).rule for one in asked}
    assert {one: rule.role for one, rule in found.items()} == dict.fromkeys(asked, role)
    assert [one for one, rule in found.items() if rule not in RULES] == []


CONFINED = """
* `/NAME/cdx`, `/NAME/timemap/…` and `/NAME/TIMEid_/URL`
* `/api/v1/search`, `/api/v1/search/items`, `/api/v1/captures`, `/api/v1/notes` and `/api/v1/exports/FORMAT`, with
  `collection=NAME`
* `/api/v1/feeds/collections/NAME`
* `/api/v1/sources/SOURCE` with `runs`, `pause` and `resume`, if the source belongs to the collection
"""


def test_a_token_for_collections_has_access_where_the_documentation_says_and_nowhere_else() -> None:
    assert CONFINED in (DOCS / "people.md").read_text()
    said = set(re.findall(r"`(/[^`]+)`", CONFINED))
    patterns = [re.sub("…", ".+", re.sub(r"NAME|TIME(?=id_)|URL|FORMAT|SOURCE", "[^/]+", one)) + "$" for one in said]
    patterns.append(f"{API}/sources/[^/]+/(runs|pause|resume)$")

    def told(rule: Rule) -> bool:
        shape = re.sub(r"\{(\w+)(:path)?\}", "x", rule.path)
        return any(re.match(pattern, shape) for pattern in patterns)

    opened = {rule.action for rule in RULES if rule.scope in ("path", "query", "source")}
    assert {rule.action for rule in RULES if rule.action in opened and not told(rule)} == set()


@dataclass
class Person:
    archive: Retrieving
    headers: dict[str, str] = field(repr=False)

    def ask(self, method: str, path: str, body: Any = None, form: str | None = None) -> tuple[int, str]:
        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        sent = form.encode() if form is not None else json.dumps(body).encode() if body is not None else b""
        status, answer = self.archive.send_body(method, path, sent, kind, **self.headers)
        return status, answer.decode()


HARBOUR = "source: harbour\nseeds: [http://harbour.example/]\nkeep: {collection: news}\n"
WATCHES = {"ministry": {"phrases": ["Ministry"]}}
MAIL = {"server": "127.0.0.1", "port": 25, "tls": "none", "sender": "p@example.org", "to": "op@x.org"}


class House:
    """A service with people of each role: two of them with the same one."""

    def __init__(self, archive: Retrieving) -> None:
        self.archive, access = archive, archive.service.access
        self.people: dict[str, Person] = {}
        for role in Role:
            for name in (f"anna-{role}", f"ben-{role}"):
                access.add_person(name, role, "a password of these tests")
                caller = access.people.caller(name)
                assert caller is not None
                self.people[name] = Person(archive, {"Cookie": f"{COOKIE}={access.begin_session(caller, '')}"})

    def token(self, role: Role, *collections: str) -> Person:
        value = self.archive.service.access.add_token(f"of-{role}", role, collections=list(collections))[1]
        return Person(self.archive, {"Authorization": f"Bearer {value}"})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    (home / "sources").mkdir()
    (home / "sources" / "harbour.yaml").write_text(HARBOUR)
    facts = {"home": home, "watches": WATCHES, "notify": {"mail": MAIL}, "public_url": "https://archive.example"}
    with open_pressmark(Settings.model_validate(facts)) as service, served(service) as url:
        yield House(Retrieving(url, service, []))


OF_MESSAGES = f"{API}/watches/ministry/subscriptions"


@pytest.mark.parametrize("role", [READ, TRIGGER, CURATE])
def test_messages_of_a_person_are_seen_tested_and_ended_by_the_person_and_by_admins_alone(
    house: House, role: Role
) -> None:
    anna, ben = house.people[f"anna-{role}"], house.people[f"ben-{role}"]
    status, made = anna.ask("POST", OF_MESSAGES, {"address": f"anna-{role}@x.org"})
    assert status == 201, made
    one = json.loads(made)["id"]

    assert ben.ask("GET", OF_MESSAGES) == (200, '{"items":[],"next":null}')
    assert [ben.ask(*asked)[0] for asked in of_others(one)] == [404] * len(of_others(one))
    assert [each["id"] for each in json.loads(anna.ask("GET", OF_MESSAGES)[1])["items"]] == [one]
    assert one in house.people["ben-admin"].ask("GET", OF_MESSAGES)[1]
    assert anna.ask("DELETE", f"{OF_MESSAGES}/{one}")[0] == 204


def of_others(one: str) -> list[tuple[str, str]]:
    page = f"/subscriptions/ministry/{one}"
    return [
        ("POST", f"{OF_MESSAGES}/{one}/test"),
        ("DELETE", f"{OF_MESSAGES}/{one}"),
        ("POST", f"{page}/test"),
        ("POST", f"{page}/remove"),
    ]


@pytest.mark.parametrize("role", list(Role))
def test_the_feed_address_of_a_person_is_not_ended_by_another(house: House, role: Role) -> None:
    anna, ben = house.people[f"anna-{role}"], house.people[f"ben-{role}"]
    secret = re.search(r"/api/v1/feeds/of/([\w-]+)", anna.ask("POST", "/new/feeds")[1])
    assert secret is not None
    for path in ("/new/feeds/revoke", "/new/feeds", "/logout"):
        ben.ask("POST", path, form="person=anna&name=anna")

    assert house.archive.get(secret[0])[0] == 200
    assert anna.ask("GET", "/new/feeds")[0] == 200


def test_a_token_for_a_collection_neither_reads_nor_moves_a_source_out_of_it(house: House) -> None:
    token = house.token(CURATE, "news")
    path = f"{API}/sources/harbour"
    assert token.ask("GET", path)[0] == 200
    assert [token.ask("POST", f"{path}/{action}")[0] for action in ("pause", "resume")] == [200, 200]

    assert token.ask("GET", f"{path}/text")[0] == 403
    moved = {"text": HARBOUR.replace("news", "closed")}
    assert token.ask("PUT", f"{path}/text", moved)[0] == 403
    assert token.ask("POST", "/new/feeds")[0] == 403
    assert house.archive.service.sources.get("harbour").keep.collection == "news"
