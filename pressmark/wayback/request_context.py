"""The parts of a request that the Wayback routes read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pressmark.http.target import parameters, target

_NOT_IN_HOSTS = re.compile(r"[^A-Za-z0-9.:\[\]_-]")
_MOST_FIELDS = 200


@dataclass(frozen=True)
class RequestContext:
    method: str
    raw_path: bytes
    """As it was sent, without the query."""
    query: bytes
    headers: Mapping[str, str]
    """By name in lower case; the last value of each."""
    scheme: str

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> RequestContext:
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return cls(
            scope["method"], raw_path.partition(b"?")[0], scope["query_string"], headers, scope.get("scheme", "http")
        )

    @cached_property
    def base(self) -> str:
        """Our origin as the client names it: ``http://localhost:8600``."""
        return f"{self.scheme}://{_NOT_IN_HOSTS.sub('', self.headers.get('host', 'localhost'))}"

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the query, in order. Raises ValueError when there are too many."""
        return parameters(self.query, _MOST_FIELDS)

    def url_after(self, segments: int) -> str:
        """Return the archived URL at the end of the path, with its query; empty when there is none."""
        return target(self.raw_path, self.query, segments)
