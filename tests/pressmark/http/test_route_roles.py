"""The table of route × role: whether it is complete, and what each kind of caller gets on each route."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from services.databases import database_at
from services.route_paths import example
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from config.settings import Settings
from pressmark.http.callers import Callers
from pressmark.http.gate import Gate
from pressmark.http.route_roles import RULES, rule_of
from pressmark.http.rules.rule import FEED_ADDRESS, Rule
from pressmark.http.sessions import COOKIE
from pressmark.processes.app import create_app
from pressmark.service.access.access import Access
from pressmark.service.access.roles import SETTING, Role
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.assembly import open_pressmark
from pressmark.wayback.openapi import paths

TOKEN, FEEDS = "a token of some length", "a token for feeds alone"
PASSWORD = "a password of these tests"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute | Route]:
    """Yield the routes of an application, and those of the routers that it includes."""
    for route in routes:
        if isinstance(inner := getattr(route, "original_router", None), APIRouter):
            yield from routes_of(inner.routes)
        else:
            assert isinstance(route, APIRoute | Route), f"{route} is no route that this test knows"
            yield route


def undeclared(routes: Iterable[Any]) -> list[str]:
    """Return the routes of an application that the table lacks."""
    missing = []
    for route in routes_of(routes):
        for method in (route.methods or set()) - {"HEAD"}:
            rule = rule_of(method, example(route.path)).rule
            if rule not in RULES or re.sub(r"\w+(?=[:}])", "", rule.path) != re.sub(r"\w+(?=[:}])", "", route.path):
                missing.append(f"{method} {route.path} is taken for {rule.action}")
    return missing


def test_every_route_of_the_application_is_in_the_table(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        app = create_app(service)

    assert len(list(routes_of(app.routes))) > 80
    assert undeclared(app.routes) == []
    assert app.user_middleware[0].cls is Gate, "the gate is before everything else"


def test_every_route_of_web_archives_is_in_the_table() -> None:
    assert [path for path in paths() if rule_of("GET", example(path)).rule not in RULES] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.action)
def test_a_line_break_at_its_end_does_not_change_what_a_path_needs(rule: Rule) -> None:
    plain = rule_of(rule.method, example(rule.path)).rule
    assert rule_of(rule.method, f"{example(rule.path)}\n").rule == plain


def test_a_route_that_is_missing_is_found() -> None:
    new = Route("/api/v1/everything", PlainTextResponse("in"), methods=["DELETE"])

    assert undeclared([new]) == ["DELETE /api/v1/everything is taken for POST /{rest:path}"]


def test_changes_need_more_than_reading_and_what_is_of_operators_needs_an_admin() -> None:
    free = {"POST /login", "POST /logout", "POST /language", "POST /mcp", "DELETE /mcp"}
    free |= {"POST /new/marks", "POST /new/feeds", "POST /new/feeds/revoke", "POST /sources/look"}  # a reader's own
    free |= {f"POST /subscriptions/{{name}}{end}" for end in ("", "/{id}/test", "/{id}/remove")}
    own = "/api/v1/watches/{name}/subscriptions"
    free |= {f"POST {own}", f"POST {own}/{{id}}/test", f"DELETE {own}/{{id}}", "POST /unsubscribe/{token}"}
    greader = "POST /api/v1/greader"
    free |= {f"{greader}/accounts/ClientLogin"}
    free |= {f"{greader}/reader/api/0/{one}" for one in ("stream/items/contents", "edit-tag", "mark-all-as-read")}
    weak = [rule.action for rule in RULES if rule.method not in {"GET", "OPTIONS"} and rule.role in (None, Role.READ)]
    operators = [rule.role for rule in RULES if re.match(r"/(api/v1/)?(settings|webhooks|trail)", rule.path)]

    assert set(weak) == free
    assert set(operators) == {Role.ADMIN}
    assert [rule.action for rule in RULES if rule.path.startswith("/save/") and rule.role != Role.TRIGGER] == []


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/api/v1/sources/", "//", "/settings/people/a"])
def test_an_unknown_path_can_be_changed_by_admins_only_and_read_with_the_role_read(path: str) -> None:
    assert rule_of("PUT", path).rule.role == Role.ADMIN
    assert rule_of("GET", path).rule.role == Role.READ


Roles = dict[str, tuple[dict[str, str], Role | None, bool]]
"""Of each kind of caller: the headers, the role, and whether it is confined to the collection news."""


class Cases:
    """A gate with callers of every kind."""

    def __init__(self, home: Path) -> None:
        self.at = NOW
        database = database_at(home / "pressmark.db")
        self.closing = closing(database)
        settings = Settings(home=home, token=TOKEN)  # type: ignore[arg-type]
        self.access = Access(settings, database, now=lambda: self.at)
        callers = Callers(self.access, TOKEN, FEEDS, now=lambda: self.at)
        rooms = ReadingRooms({}, now=lambda: self.at)
        self.gate = Gate(PlainTextResponse("in"), callers, {"news-one": "news"}.get, rooms=rooms)
        self.callers = self._callers()

    def _callers(self) -> Roles:
        access = self.access
        short = access.add_token("short", Role.ADMIN, expires=timedelta(days=1))[1]
        old = access.add_token("old", Role.ADMIN)[1]
        gone = self._session("gone", Role.ADMIN)
        self.at += timedelta(hours=11)
        found: Roles = {
            "nobody": ({}, None, False),
            "wrong token": (_bearer("wrong"), None, False),
            "revoked token": (_bearer(old), None, False),
            "expired token": (_bearer(short), None, False),
            "removed person": (gone, None, False),
            "token of the settings": (_bearer(TOKEN), Role.ADMIN, False),
            "session of the settings": (_cookie(access.begin_session(SETTING, "")), Role.ADMIN, False),
        }
        self.at += timedelta(hours=14)
        access.revoke_token("old")
        access.remove_person("gone")
        found["session of the settings"] = (_cookie(access.begin_session(SETTING, "")), Role.ADMIN, False)
        for role in Role:
            found[f"token {role}"] = (_bearer(access.add_token(f"t-{role}", role)[1]), role, False)
            confined = access.add_token(f"c-{role}", role, collections=["news"])[1]
            found[f"confined token {role}"] = (_bearer(confined), role, True)
            found[f"person {role}"] = (self._session(f"p-{role}", role), role, False)
        return found

    def _session(self, name: str, role: Role) -> dict[str, str]:
        self.access.add_person(name, role, PASSWORD)
        caller = self.access.people.caller(name)
        assert caller is not None
        return _cookie(self.access.begin_session(caller, "127.0.0.1"))

    async def status(self, method: str, path: str, query: str, headers: dict[str, str]) -> int:
        fields = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": fields}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.gate({**scope, "client": ("127.0.0.1", 1)}, receive, send)
        return int(sent[0]["status"])


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _cookie(value: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={value}"}


def expected(rule: Rule, role: Role | None, *, confined: bool, named: str | None) -> set[int]:
    if rule.role is None:
        return {200}
    if role is None:
        return {401, 429}
    if rule.path == FEED_ADDRESS:
        return {401}  # its secret says who calls, and no header does
    if not role.includes(rule.role):
        return {403}
    if not confined or rule.scope == "any" or named == "news":
        return {200}
    return {403}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    made = Cases(tmp_path_factory.mktemp("home"))
    with made.closing:
        yield made


def named_by(rule: Rule, query: str) -> str | None:
    """Return the collection that a request for the example of a route names."""
    if rule.scope == "query":
        return query.partition("=")[2] or None
    return "news" if rule.scope in ("path", "source") else None


def test_each_caller_gets_on_each_route_what_its_role_allows(cases: Cases) -> None:
    count, wrong = 0, []

    async def ask_all() -> None:
        nonlocal count
        for rule in RULES:
            methods = ("GET", "HEAD") if rule.method == "GET" else (rule.method,)
            for method in methods:
                for query in ("", "collection=news", "collection=other"):
                    for who, (headers, role, confined) in cases.callers.items():
                        status = await cases.status(method, example(rule.path), query, headers)
                        count += 1
                        if status not in expected(rule, role, confined=confined, named=named_by(rule, query)):
                            wrong.append(f"{who}: {rule.action}?{query}: {status}")

    asyncio.run(ask_all())
    assert wrong == []
    assert count >= 2500


def test_a_page_of_another_origin_changes_nothing_for_any_caller(cases: Cases) -> None:
    async def statuses() -> set[int]:
        found = set()
        for rule in RULES:
            if rule.method not in {"GET", "OPTIONS"}:
                for headers, _, _ in cases.callers.values():
                    foreign = {**headers, "origin": "https://evil.example", "host": "archive.example"}
                    found.add(await cases.status(rule.method, example(rule.path), "", foreign))
        return found

    assert asyncio.run(statuses()) == {403}
