"""What a site says of the use of a page, in the head of its answer: reserved rights, and refusals to hand it out.

Read: TDM-Reservation and TDM-Policy of the TDM Reservation Protocol (W3C community group report, 2024), X-Robots-Tag,
Content-Usage (draft-ietf-aipref-attach), and Crawler-Price beside 402. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus

_FIELDS = frozenset({"tdm-reservation", "tdm-policy", "x-robots-tag", "content-usage", "crawler-price"})
_REFUSALS = (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
_LONGEST = 500
"""Characters of a value; the head has all of it."""


def reservations(status: int | None, headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the fields that say something of the use of a page, in their order, each with its value.

    A refusal comes first, as the field `status`: 402 (payment required) or 451 (legal reasons, RFC 7725).
    """
    for refusal in _REFUSALS:
        if status == refusal:
            yield "status", f"{refusal.value} {refusal.phrase}"
    for name, value in headers:
        if name.lower() in _FIELDS and value.strip():
            yield name.lower(), value.strip()[:_LONGEST]
