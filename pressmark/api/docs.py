"""/docs: the operations of the API on our own plain page, without scripts and external resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from pressmark.http.dependencies import Part
from pressmark.http.render import page

router = Part(include_in_schema=False)


@router.get("/docs")
def show_docs(request: Request) -> HTMLResponse:
    schema = request.app.openapi()
    return page(request, "docs.html", title=schema["info"]["title"], operations=list(operations(schema)))


@router.get("/openapi.json")
def send_openapi(request: Request) -> Response:
    return Response(request.app.openapi_json, media_type="application/json")


def operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return what the page shows of each operation of an OpenAPI document."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "tag": next(iter(operation.get("tags", ())), ""),
                "text": _paragraphs(operation.get("description") or operation.get("summary", "")),
                "parameters": [_parameter(parameter) for parameter in operation.get("parameters", ())],
                "answers": ", ".join(operation.get("responses", {})),
            }


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs without their line ends: each is a message of the catalogs."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    where = {"query": "?", "header": "header "}.get(parameter["in"], "")
    return {"name": f"{where}{parameter['name']}", "required": parameter.get("required", False)}
