"""How the OpenAPI document says who may call what: security schemes, and the role of each operation."""

from __future__ import annotations

from typing import Any

from pressmark.http.route_roles import rule_of
from pressmark.http.sessions import COOKIE

_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `pressmark token add`, or PRESSMARK_TOKEN",
    },
    "password": {"type": "http", "scheme": "basic", "description": "A token as the password, for feed readers"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A login on the page /login"},
}
_REFUSALS = {"401": "A token or a login is required", "403": "The caller's role or collections don't allow this"}


def with_roles(document: dict[str, Any]) -> dict[str, Any]:
    """Add the schemes, and to each operation its role as `x-role`; `security` is empty where no login is needed."""
    document.setdefault("components", {})["securitySchemes"] = _SCHEMES
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _add_role(operation, method.upper(), path)
    return document


def _add_role(operation: dict[str, Any], method: str, path: str) -> None:
    role = _role_of(method, path)
    operation["x-role"] = role or "none"
    operation["security"] = [{name: []} for name in _SCHEMES] if role else []
    if role:
        for status, text in _REFUSALS.items():
            operation.setdefault("responses", {}).setdefault(status, {"description": text})


def _role_of(method: str, path: str) -> str | None:
    """Return the role of an operation; None where no login is needed."""
    role = rule_of(method, path).rule.role
    return role.value if role else None
