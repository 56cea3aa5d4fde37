"""Under the settings: the people, the tokens and the audit trail."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from archive.values.timestamps import parse_timestamp
from config.duration import parse_duration
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.service.access.people import NameTaken
from pressmark.service.access.roles import Role
from pressmark.service.service import Service
from pressmark.views.access_shapes import person_shape, token_shape, trail_shape
from pressmark.web.forms import form

router = Part(include_in_schema=False)

STATES = (N_("valid"), N_("expired"), N_("revoked"), N_("command line"))
ROLES = {
    Role.READ: N_("can read everything"),
    Role.TRIGGER: N_("can also start runs"),
    Role.CURATE: N_("can also add, remove and pause sources"),
    Role.ADMIN: N_("can also manage settings, people and access tokens"),
}
_PAGE = 100
"""Entries on a page of the audit trail."""


@router.get("/settings/people")
def people(request: Request, service: Desk) -> HTMLResponse:
    return _people(request, service)


@router.post("/settings/people")
async def add_person(request: Request, service: Desk) -> Response:
    fields = await form(request)
    name, role = fields.get("name", "").strip(), _role(fields)
    note(request, target=name, after={"role": role.value})
    try:
        await run_in_threadpool(service.access.add_person, name, role, fields.get("password", ""))
    except (ValueError, NameTaken) as error:
        return await run_in_threadpool(_people, request, service, str(error))
    return RedirectResponse("/settings/people", 303)


@router.post("/settings/people/{name}/{action}")
async def act_on_person(request: Request, name: str, action: str, service: Desk) -> Response:
    """Handle the buttons of a person: a new role, a new password, or the end."""
    fields = await form(request)
    person = await run_in_threadpool(service.access.people.get, name)
    note(request, target=name, before={"role": person.role})
    try:
        if action == "role":
            role = _role(fields)
            note(request, after={"role": role.value})
            await run_in_threadpool(service.access.set_role, name, role)
        elif action == "password":
            await run_in_threadpool(service.access.set_password, name, fields.get("password", ""))
        elif action == "subject":
            subject = fields.get("subject", "").strip()
            note(request, after={"subject": subject})
            await run_in_threadpool(service.access.rebind, name, subject)
        elif action == "remove":
            await run_in_threadpool(service.access.remove_person, name)
        else:
            raise Refused(404, f"unknown action {action!r}")
    except ValueError as error:
        return await run_in_threadpool(_people, request, service, str(error))
    return RedirectResponse("/settings/people", 303)


@router.get("/settings/tokens")
def tokens(request: Request, service: Desk) -> HTMLResponse:
    return _tokens(request, service)


@router.post("/settings/tokens")
async def add_token(request: Request, service: Desk) -> Response:
    """Make a token. The answer is the only page that shows it."""
    fields = await form(request)
    name, role = fields.get("name", "").strip(), _role(fields)
    collections, expires = fields.get("collections", "").replace(",", " ").split(), fields.get("expires", "").strip()
    note(request, target=name, after={"role": role.value, "collections": collections or None})

    def add() -> str:
        lifetime = parse_duration(expires) if expires else None
        return service.access.add_token(name, role, collections=collections, expires=lifetime)[1]

    try:
        secret = await run_in_threadpool(add)
    except (ValueError, NameTaken) as error:
        return await run_in_threadpool(_tokens, request, service, str(error))
    answer = await run_in_threadpool(_tokens, request, service, None, secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/settings/tokens/{name}/revoke")
def revoke_token(request: Request, name: str, service: Desk) -> RedirectResponse:
    note(request, target=name)
    service.access.revoke_token(name)
    return RedirectResponse("/settings/tokens", 303)


@router.get("/settings/trail")
def trail(request: Request, service: Desk, since: str = "", cursor: int | None = None) -> HTMLResponse:
    """Show the audit trail, newest first."""
    problem, begin = None, None
    try:
        begin = parse_timestamp(since) if since else None
    except ValueError as error:
        problem = str(error)
    rows = service.access.trail.newest(since=begin, before=cursor, limit=_PAGE + 1)
    following = rows[_PAGE - 1].id if len(rows) > _PAGE else None
    shapes = [trail_shape(row) for row in rows[:_PAGE]]
    facts: dict[str, Any] = {"entries": shapes, "following": following, "since": since, "problem": problem}
    return page(request, "trail.html", status=422 if problem else 200, **facts)


def _role(fields: dict[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise Refused(422, f"a role is one of {', '.join(Role)}") from None


def _people(request: Request, service: Service, problem: str | None = None) -> HTMLResponse:
    shapes = [person_shape(row) for row in service.access.people.all()]
    status = 422 if problem else 200
    return page(request, "people.html", status=status, people=shapes, roles=ROLES, problem=problem)


def _tokens(request: Request, service: Service, problem: str | None = None, secret: str | None = None) -> HTMLResponse:
    shapes = [token_shape(row, service.now()) for row in service.access.tokens.all()]
    facts: dict[str, Any] = {"tokens": shapes, "roles": ROLES, "problem": problem, "secret": secret}
    return page(request, "tokens.html", status=422 if problem else 200, **facts)
