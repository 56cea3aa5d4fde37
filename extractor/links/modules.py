"""Find the modules that a script imports, and those that an import map names, without running anything. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from extractor.values.urls import resolve

_WORDS = (b"import", b"export")
_SPECIFIER = rb"((?:\.{0,2}/|https?://)[^\"'`\s<>\\]{1,2000})"
_IMPORTED = re.compile(
    rb"\b(?:from|import|import\s*\()\s*[\"']" + _SPECIFIER + rb"[\"']"
    rb"|\bnew URL\(\s*[\"']([^\"'`\s<>\\]{1,2000})[\"']\s*,\s*import\.meta\.url"
)
"""``import "./a.js"``, ``export … from "./a.js"``, ``import("./a.js")``, ``new URL("a.wasm", import.meta.url)``."""
_BARE = re.compile(rb"\b(?:from|import|import\s*\()\s*[\"']([\w@][^\"'`\s<>\\]{1,2000})[\"']")
"""The same with a bare name: ``import "three/addons/a.js"``."""
NO_PREFIXES: Mapping[str, str] = {}
_MOST = 2_000
"""Modules that one script may name, and bare names that are looked up."""


def module_urls(script: bytes, url: str, prefixes: Mapping[str, str] = NO_PREFIXES) -> list[str]:
    """Return the absolute URLs of the modules that a script names, each once, in order.

    `url` is that of the script, or the base of the page that contains it. A bare name, such as ``import "lit"``, needs
    an import map: its file is named there, or one of the `prefixes` begins it.
    """
    if not any(word in script for word in _WORDS):
        return []
    found: dict[str, None] = {}
    for match in _IMPORTED.finditer(script):
        name = (match[1] or match[2]).decode("utf-8", "replace")
        if resolved := resolve(name, url):
            found[resolved] = None
        if len(found) >= _MOST:
            return list(found)
    for match in islice(_BARE.finditer(script), _MOST) if prefixes else ():
        name = match[1].decode("utf-8", "replace")
        prefix = _prefix_of(name, prefixes)
        if prefix is not None and (resolved := resolve(prefixes[prefix] + name.removeprefix(prefix), url)):
            found[resolved] = None
        if len(found) >= _MOST:
            break
    return list(found)


def _prefix_of(name: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the longest prefix that begins a name. Prefixes end with a slash, so only its slashes are looked at."""
    end = name.rfind("/")
    while end >= 0:
        if (prefix := name[: end + 1]) in prefixes:
            return prefix
        end = name.rfind("/", 0, end)
    return None


def import_map_prefixes(text: str) -> dict[str, str]:
    """Return the prefixes of names in an import map, which end with a slash, with what they stand for, as written.

    Those of its scopes, which hold for scripts at some addresses only, are not among them.
    """
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    names = said.get("imports") if isinstance(said, dict) else None
    every = names.items() if isinstance(names, dict) else ()
    return {
        name: address
        for name, address in every
        if name.endswith("/") and isinstance(address, str) and address.endswith("/")
    }


def import_map_urls(text: str) -> Iterator[str]:
    """Yield the references in an import map, as written; a prefix, which ends with a slash, names no file."""
    try:
        said = json.loads(text)
    except ValueError:
        return
    if not isinstance(said, dict):
        return
    scopes = said.get("scopes")
    for names in (said.get("imports"), *(scopes.values() if isinstance(scopes, dict) else ())):
        if isinstance(names, dict):
            yield from (one for one in names.values() if isinstance(one, str) and not one.endswith("/"))
