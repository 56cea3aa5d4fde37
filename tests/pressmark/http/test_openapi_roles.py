"""The OpenAPI document describes each route for programs, with its role and the ways to log in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from config.settings import Settings
from pressmark.http.route_roles import RULES
from pressmark.http.rules.pages import rules_of_pages
from pressmark.processes.app import create_app
from pressmark.service.assembly import open_pressmark

FOR_PEOPLE = re.compile(
    r"/login|/logout$|/language$|/docs$|/openapi\.json$|/static/|/robots\.txt$|/crawler$|/\.well-known/"
)
"""Routes of browsers, and files whose place and form are standards. They stand beside those of the pages."""
OTHER_PROTOCOLS = re.compile(r"/mcp$|/api/v1/greader/")
"""Routes whose protocols have descriptions of their own: Model Context Protocol, Google Reader."""
OF_MACHINES = {"GET /segments/{}", "OPTIONS /warcs/{}"}
"""Machines of one installation, which sign their requests; and what browsers ask before a request."""
SAME = {"GET /web/{}", "GET /all/{}", "GET /{}/{}"}
"""Further forms of the routes with a collection and a timestamp: docs/formats/retrieval.md."""


def named(method: str, path: str) -> str:
    return f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"


def undescribed(document: dict[str, Any]) -> set[str]:
    """Return the routes that the document lacks."""
    described = {named(method, path) for path, methods in document["paths"].items() for method in methods}
    pages = {rule.action for rule in rules_of_pages()}
    others = [rule for rule in RULES if rule.action not in pages and not FOR_PEOPLE.match(rule.path)]
    others = [rule for rule in others if not OTHER_PROTOCOLS.match(rule.path)]
    return {named(rule.method, rule.path) for rule in others} - described - OF_MACHINES - SAME


def test_the_document_describes_each_route_for_programs_with_its_role(tmp_path: Path) -> None:
    """With its control: the document without one of them."""
    with open_pressmark(Settings(home=tmp_path)) as service:
        document = create_app(service).openapi()
    saving = document["paths"]["/save/{url}"]

    assert undescribed(document) == set()
    roles = {named(rule.method, rule.path): rule.role.value if rule.role else "none" for rule in RULES}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            role = roles.get(named(method, path), "read")
            assert operation["x-role"] == role, f"{method} {path}"
            assert bool(operation["security"]) == (role != "none"), f"{method} {path}"
    assert {(one["x-role"], *(way for ways in one["security"] for way in ways)) for one in saving.values()} == {
        ("trigger", "token", "password", "session")
    }
    assert {"token", "password", "session"} == document["components"]["securitySchemes"].keys()
    assert {"202", "302", "401", "403"} <= saving["get"]["responses"].keys()
    assert {named(rule.method, rule.path) for rule in RULES} >= OF_MACHINES | SAME, "no exception is out of date"
    assert undescribed({"paths": {path: one for path, one in document["paths"].items() if path != "/save/{url}"}}) == {
        "GET /save/{}",
        "POST /save/{}",
    }
