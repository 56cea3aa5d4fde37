"""What a site says of the use of a page is read from the head of its answer."""

from __future__ import annotations

import pytest

from archive.retrieval.reservations import reservations


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (200, [("TDM-Reservation", "1"), ("tdm-policy", "https://a.example/p.json")],
         [("tdm-reservation", "1"), ("tdm-policy", "https://a.example/p.json")]),
        (200, [("X-Robots-Tag", "noarchive"), ("x-robots-tag", "bot: noai")],
         [("x-robots-tag", "noarchive"), ("x-robots-tag", "bot: noai")]),
        (200, [("Content-Usage", "train-ai=n")], [("content-usage", "train-ai=n")]),
        (402, [("Crawler-Price", "USD 0.01")], [("status", "402 Payment Required"), ("crawler-price", "USD 0.01")]),
        (451, [], [("status", "451 Unavailable For Legal Reasons")]),
        (200, [("Content-Type", "text/html"), ("TDM-Reservation", " ")], []),
        (403, [], []),
        (None, [], []),
    ],
)  # fmt: skip
def test_fields_and_refusals_are_read(
    status: int | None, headers: list[tuple[str, str]], told: list[tuple[str, str]]
) -> None:
    assert list(reservations(status, headers)) == told


def test_a_long_value_is_cut() -> None:
    [(_, value)] = reservations(200, [("X-Robots-Tag", "noarchive, " * 1000)])
    assert len(value) == 500
