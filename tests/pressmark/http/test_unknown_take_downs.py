"""While nobody knows what was taken down, each route says itself whether it is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from services.route_paths import example
from starlette.responses import PlainTextResponse

from config.settings import Settings
from pressmark.http.hidden.take_downs import TakeDownMiddleware
from pressmark.http.route_roles import RULES
from pressmark.http.rules.rule import Rule
from pressmark.service.access.roles import Role
from pressmark.service.access.unread_decisions import UnreadDecisions
from pressmark.service.assembly import open_pressmark


async def status_of(app: TakeDownMiddleware, rule: Rule) -> int:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    path = example(rule.path)
    scope = {"type": "http", "method": rule.method, "path": path, "raw_path": path.encode(), "query_string": b""}
    await app({**scope, "headers": [], "client": ("127.0.0.1", 1)}, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown"])
def test_while_nobody_knows_what_was_taken_down_the_routes_about_what_is_archived_are_refused(
    tmp_path: Path, unknown: bool
) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        if unknown:
            UnreadDecisions(service.database).note(1, "ledger/part")
        app = TakeDownMiddleware(PlainTextResponse("in"), service.take_downs)
        got = {rule.action: asyncio.run(status_of(app, rule)) for rule in RULES}

    assert got == {rule.action: 503 if unknown and rule.archived else 200 for rule in RULES}
    assert {rule.archived for rule in RULES} == {True, False}


def test_a_route_can_not_be_in_the_table_without_saying_whether_it_is_about_what_is_archived() -> None:
    with pytest.raises(TypeError, match="archived"):
        Rule("GET", "/everything", Role.READ)  # type: ignore[call-arg]


@pytest.mark.parametrize("path", ["/", "/sources", "/login", "/readyz", "/metrics", "/robots.txt", "/settings/tokens"])
def test_the_pages_with_which_an_operator_repairs_it_stay(path: str) -> None:
    [rule] = [one for one in RULES if (one.method, one.path) == ("GET", path)]

    assert not rule.archived


@pytest.mark.parametrize(
    "path", ["/search", "/new", "/captures", "/api/v1/search", "/api/v1/exports/{format}", "/{collection}/{rest:path}"]
)
def test_what_shows_archived_pages_is_refused(path: str) -> None:
    [rule] = [one for one in RULES if (one.method, one.path) == ("GET", path)]

    assert rule.archived
