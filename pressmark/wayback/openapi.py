"""The OpenAPI description of the Wayback routes, which FastAPI does not know."""

from __future__ import annotations

from typing import Any

_COMMON = {
    "matchType": "exact, prefix, host or domain",
    "from": "A timestamp or its first digits",
    "to": "A timestamp or its first digits, up to the end of that period",
    "limit": "Maximum number of rows",
    "sort": "reverse or closest",
    "closest": "Sort rows by distance to this timestamp",
    "filter": "Filter rows by a field",
    "fl": "Fields, separated by commas",
    "output": "Output format",
    "page": "Page number, from 0",
    "pageSize": "Page size, in blocks of 3,000 rows",
    "showNumPages": "true: return the number of pages",
    "resolveRevisits": "true: include where the payload of a revisit is stored",
}
_IA = {
    "offset": "Rows to skip",
    "collapse": "field or field:N",
    "showResumeKey": "true: include a resume key",
    "resumeKey": "Resume key",
    "showDupeCount": "true: include how often the payload occurred before",
}
_COLLECTION = "collection"
_EXAMPLES = {_COLLECTION: "all", "timestamp": "20260131120000", "kind": "link", "url": "http://news.example/"}


def paths() -> dict[str, Any]:
    """Return path items of OpenAPI."""
    return {
        "/cdx/search/cdx": _get(
            "List captures (archived versions) in the format CDX (index lines of web archives), as the "
            "Internet Archive does",
            _COMMON | _IA,
        ),
        "/{collection}/cdx": _get(
            "List captures (archived versions) in the format CDX (index lines of web archives), as the "
            "program pywb does",
            _COMMON | {"collapseTime": "Digits"},
            _COLLECTION,
        ),
        "/wayback/available": _get(
            "Return the capture (archived version, also called memento) that is nearest to a time",
            {"timestamp": "The first digits of a timestamp"},
        ),
        "/collinfo.json": {"get": _operation("The names of the collections", [])},
        "/save/{url}": {method: _saving() for method in ("get", "post")},
        "/warcs/{name}": {"get": _operation("Return a WARC file, or some of its bytes", [_in_path("name")])},
        "/{collection}/timemap/{kind}/{url}": {
            "get": _operation(
                "List all archived versions (mementos) of a URL",
                [_in_path(_COLLECTION), _in_path("kind"), _in_path("url")],
            )
        },
        "/{collection}/{timestamp}id_/{url}": {
            "get": _operation("An archived page", [_in_path(_COLLECTION), _in_path("timestamp"), _in_path("url")])
        },
        "/{collection}/{timestamp}mp_/{url}": {
            "get": _operation(
                "Redirect to the archived page at the address where Pressmark shows archived pages",
                [_in_path(_COLLECTION), _in_path("timestamp"), _in_path("url")],
            )
        },
    }


def _get(summary: str, parameters: dict[str, str], *in_path: str) -> dict[str, Any]:
    url = {"name": "url", "in": "query", "required": True, "example": _EXAMPLES["url"], "schema": {"type": "string"}}
    others = [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in parameters.items()
    ]
    return {"get": _operation(summary, [*map(_in_path, in_path), url, *others])}


def _saving() -> dict[str, Any]:
    summary = "Archive a page now, as the Internet Archive does, and answer when that is done"
    answers = {
        "302": {"description": "The page is archived; Location is its capture"},
        "202": {"description": "The page is not archived yet; Location is the run"},
        "default": {"description": "The error"},
    }
    return _operation(summary, [_in_path("url")]) | {"responses": answers}


def _operation(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {"200": {"description": summary}, "default": {"description": "The error"}}
    return {"summary": summary, "tags": ["retrieval"], "parameters": parameters, "responses": answers}


def _in_path(name: str) -> dict[str, Any]:
    example = _EXAMPLES.get(name, "20260131T120000Z-1-0-abcd.warc.gz")
    return {"name": name, "in": "path", "required": True, "example": example, "schema": {"type": "string"}}
