"""What a site says of the use of a page is read from the head of its answer, written in lines, and understood."""

from __future__ import annotations

import pytest

from archive.values.reservations import Field, read, reservations, reserved, written


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


def test_lines_are_read_as_they_were_written() -> None:
    said: list[Field] = [("x-robots-tag", "noarchive"), ("tdmrep.json tdm-policy", "https://a.example/p: q.json")]
    assert read(written(said)) == said
    assert written([("x-robots-tag", "noai\r\nset-cookie:  a")]) == "x-robots-tag: noai set-cookie: a"
    assert written([("x-robots-tag", ""), *said, *said]) == written(said)
    assert (written([]), read(None)) == (None, [])
    assert len(read(written((f"x-{number}", "1") for number in range(100)))) == 20


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ([("tdm-reservation", "1")], {"mining": "tdm-reservation: 1"}),
        ([("tdm-reservation", "0")], {}),
        ([("tdmrep.json tdm-reservation", "1")], {"mining": "tdmrep.json tdm-reservation: 1"}),
        ([("tdmrep.json tdm-reservation", "1"), ("tdm-reservation", "0")], {}),
        ([("tdm-reservation", "0"), ("meta tdm-reservation", "1")], {"mining": "meta tdm-reservation: 1"}),
        ([("tdm-policy", "https://a.example/p.json")], {}),
        ([("x-robots-tag", "noindex, noai")], {"mining": "x-robots-tag: noindex, noai"}),
        ([("x-robots-tag", "NOARCHIVE")], {"archiving": "x-robots-tag: NOARCHIVE"}),
        ([("meta robots", "noai, noarchive")],
         {"mining": "meta robots: noai, noarchive", "archiving": "meta robots: noai, noarchive"}),
        ([("meta pressmark", "noarchive")], {"archiving": "meta pressmark: noarchive"}),
        ([("x-robots-tag", "otherbot: noarchive")], {}),
        ([("x-robots-tag", "Pressmark: noarchive")], {"archiving": "x-robots-tag: Pressmark: noarchive"}),
        ([("x-robots-tag", "unavailable_after: 2030-01-01, noarchive")],
         {"archiving": "x-robots-tag: unavailable_after: 2030-01-01, noarchive"}),
        ([("x-robots-tag", "unavailable_after: Wed, 25 Jun 2025 15:00:00 PST, noarchive")],
         {"archiving": "x-robots-tag: unavailable_after: Wed, 25 Jun 2025 15:00:00 PST, noarchive"}),
        ([("x-robots-tag", "max-snippet:-1, googlebot: noarchive")], {}),
        ([("x-robots-tag", "noai, googlebot: noarchive")], {"mining": "x-robots-tag: noai, googlebot: noarchive"}),
        ([("x-robots-tag", "otherbot: nofollow, noai, noarchive")], {}),
        ([("x-robots-tag", "otherbot: none, pressmark: noindex, noai")],
         {"mining": "x-robots-tag: otherbot: none, pressmark: noindex, noai"}),
        ([("x-robots-tag", "noindex, nofollow")], {}),
        ([("robots.txt content-signal", "search=yes, ai-train=no")],
         {"mining": "robots.txt content-signal: search=yes, ai-train=no"}),
        ([("robots.txt content-signal", "search=no, ai-train=yes")], {}),
        ([("content-usage", "train-ai=n")], {"mining": "content-usage: train-ai=n"}),
        ([("content-usage", "search=y, train-ai=n;x=1")], {"mining": "content-usage: search=y, train-ai=n;x=1"}),
        ([("content-usage", "train-ai=y;x=n")], {}),
        ([("ai.txt disallow", "/")], {"mining": "ai.txt disallow: /"}),
        ([("status", "451 Unavailable For Legal Reasons")], {}),
    ],
)  # fmt: skip
def test_what_fields_reserve(fields: list[Field], found: dict[str, str]) -> None:
    assert reserved(fields) == found
