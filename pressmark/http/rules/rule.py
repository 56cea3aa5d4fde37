"""The rule of a route: which role it needs, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pressmark.service.access.roles import Role

Scope = Literal["none", "any", "path", "query", "source"]
"""How a route names the collection that it is confined to, for a token that is for named collections.

``none``: it is not confined, so such a token has no access; ``any``: it shows nothing archived; ``path``: the parameter
`collection`; ``query``: that of the query; ``source``: the collection of the source `name`.
"""
_BY_LINK = ("{timestamp}", "{start}", "/{collection}/", "/warcs/", "{record:path}")
FEED_ADDRESS = "/api/v1/feeds/of/{secret}"
"""The route of the feed addresses of people: its secret says who calls."""
PUBLIC = None
"""In the place of a role: no login is needed."""
READ, TRIGGER, CURATE, ADMIN = Role.READ, Role.TRIGGER, Role.CURATE, Role.ADMIN


@dataclass(frozen=True, slots=True)
class Rule:
    method: str
    path: str
    """As FastAPI writes it: ``/sources/{name}``, and ``{url:path}`` for what may contain slashes."""
    role: Role | None
    scope: Scope = "none"
    acts: bool = False
    """Whether it changes something, so that the audit trail has a row for it."""
    archived: bool = field(kw_only=True)
    """Whether it is about what is archived: while nobody knows what was taken down, it is refused."""
    filtered: bool = False
    """Whether it reads from the database and from the sources of the service alone, which hide closed collections."""

    @property
    def is_filtered(self) -> bool:
        """Whether it is open to whom a collection is closed to: see `archive.database.closed_collections`."""
        return self.role is None or self.filtered

    @property
    def is_by_link(self) -> bool:
        """Whether its address names a capture, a WARC file or a collection: this shows unlisted collections, too."""
        return self.filtered and any(part in self.path for part in _BY_LINK)

    @property
    def action(self) -> str:
        return f"{self.method} {self.path}"
