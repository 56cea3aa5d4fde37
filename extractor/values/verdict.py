"""Verdicts as values, and verdicts from a status alone; `extractor.links.verdict` classifies pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["blocked", "captcha", "login", "soft-404", "parked", "drawn-by-scripts"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BARRING: frozenset[Kind] = frozenset(("blocked", "captcha", "login"))
"""What keeps us from a page that is there."""
DRAWN: Kind = "drawn-by-scripts"
"""The page itself, without its text: the one verdict that is not of something else in its place."""

_BY_STATUS: dict[int, Kind] = {
    401: "login",
    403: "blocked",
    407: "blocked",
    429: "blocked",
    451: "blocked",
    503: "blocked",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a response is instead of the page, with the evidence."""

    kind: Kind
    why: str
    """``status 403``, ``title "Just a moment..."``, ``the words "access denied"``."""

    @property
    def is_page(self) -> bool:
        """Whether it is the page nevertheless."""
        return self.kind == DRAWN


def kind_among(fields: Mapping[str, Any] | None) -> str | None:
    """Return the kind of the verdict in the stored fields of a text; None for a page."""
    said = (fields or {}).get("verdict")
    return None if said is None else str(said["kind"])


def of_status(status: int) -> Verdict | None:
    """Return the verdict from the status alone. 404 and 410 are not verdicts."""
    kind = _BY_STATUS.get(status)
    return Verdict(kind, f"status {status}") if kind else None
