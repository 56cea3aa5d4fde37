"""Lead the modules of a scene into the archive, by the import map of its page or by one of ours.

A page has one map alone after this: older browsers know no second one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pressmark.http.stage.scenes import INSIDE, origin_of

IMPORT_MAP = "script[type='importmap' i]"
Lead = Callable[[str], str | None]
"""Returns the address of a reference in the scene; None if it leads nowhere in the archive."""


def import_map(text: str, lead: Lead, more: Mapping[str, str]) -> str:
    """Return the import map of a page with addresses in the archive, and with more names.

    Text that is not JSON is returned unchanged. Checksums (`integrity`) are removed.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(said, dict):
        return text
    imports, scopes = said.get("imports"), said.get("scopes")
    made: dict[str, Any] = {"imports": {**more, **(_names(imports, lead) if isinstance(imports, dict) else {})}}
    if isinstance(scopes, dict):
        within = {scope: _names(names, lead) for scope, names in scopes.items() if isinstance(names, dict)}
        made["scopes"] = {new: names for scope, names in within.items() if (new := lead(scope)) is not None}
    return in_markup(made)


def absolute_addresses(url: str) -> dict[str, str]:
    """Return the names by which modules that import others by absolute addresses find them. `url` is that of the page.

    The longest prefix decides, so addresses of the scene itself stay as they are.
    """
    elsewhere = {f"{scheme}://": f"{INSIDE}/of/js_/{scheme}://" for scheme in ("http", "https")}
    return {**elsewhere, "/": "/", f"{origin_of(url)}/": "/"}


def in_markup(said: Mapping[str, Any]) -> str:
    """Return JSON that ends no script element."""
    return json.dumps(said).replace("<", "\\u003c")


def _names(names: dict[str, Any], lead: Lead) -> dict[str, Any]:
    """Return names with new addresses; a name that is an absolute address is there in its new form, too."""
    made = {name: lead(address) if isinstance(address, str) else None for name, address in names.items()}
    absolute = {name: lead(name) for name in names if name.startswith(("http:", "https:", "//"))}
    return made | {new: made[name] for name, new in absolute.items() if new is not None and new not in made}
