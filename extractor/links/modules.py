"""Find the modules that a script imports, without running anything. Pure."""

from __future__ import annotations

import re
from itertools import islice

from extractor.links.import_maps import ImportMap, address_of
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
NO_NAMES = ImportMap()
_MOST = 2_000
"""Modules that one script may name, and bare names that are looked up."""


def module_urls(script: bytes, url: str, names: ImportMap = NO_NAMES) -> list[str]:
    """Return the absolute URLs of the modules that a script names, each once, in order.

    `url` is that of the script, or the base of the page that contains it. A bare name, such as ``import "lit"``, needs
    an import map; an address may be in it, too.
    """
    if not any(word in script for word in _WORDS):
        return []
    mapped = names.names_for(url)
    found: dict[str, None] = {}
    for match in islice(_IMPORTED.finditer(script), _MOST):
        resolved = resolve((match[1] or match[2]).decode("utf-8", "replace"), url)
        if resolved is not None:
            another = address_of(resolved, mapped) if mapped and match[1] else None
            found[another or resolved] = None
    for match in islice(_BARE.finditer(script), _MOST) if mapped else ():
        if (address := address_of(match[1].decode("utf-8", "replace"), mapped)) is not None:
            found[address] = None
    return list(found)[:_MOST]
