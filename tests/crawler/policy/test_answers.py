"""What an answer means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Headers, Response

from crawler.policy.answers import LONGEST_WAIT, Kind, body_of, meaning_of, retry_after

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://example.org/a/b"


def kind(status: int, **headers: str) -> Kind:
    return meaning_of(status, Headers(headers), URL, NOW).kind


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        (200, Kind.READ),
        (203, Kind.READ),
        (206, Kind.READ),
        (304, Kind.UNCHANGED),
        (301, Kind.MOVED),
        (308, Kind.MOVED),
        (300, Kind.GONE),
        (305, Kind.GONE),
        (404, Kind.GONE),
        (410, Kind.GONE),
        (400, Kind.REFUSED),
        (401, Kind.REFUSED),
        (403, Kind.REFUSED),
        (501, Kind.REFUSED),
        (408, Kind.LATER),
        (429, Kind.LATER),
        (500, Kind.LATER),
        (503, Kind.LATER),
        (522, Kind.LATER),
        (999, Kind.REFUSED),
    ],
)
def test_each_status_has_one_meaning(status: int, meant: Kind) -> None:
    assert kind(status) is meant


@given(st.integers(100, 999), st.text(max_size=40), st.text(max_size=40))
def test_every_answer_has_a_meaning(status: int, location: str, wait: str) -> None:
    headers = Headers()
    dict.update(headers, {b"Location": [location.encode()], b"Retry-After": [wait.encode()]})
    meaning = meaning_of(status, headers, URL, NOW)

    assert meaning.wait is None or 0 <= meaning.wait <= LONGEST_WAIT
    assert meaning.target is None or meaning.target.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/c", "https://example.org/c"),
        ("c#frag", "https://example.org/a/c"),
        ("//other.example/x", "https://other.example/x"),
        ("HTTP://Other.example:80/ä", "http://other.example/%C3%A4"),
        ("javascript:alert(1)", None),
        ("", None),
        ("http://", None),
    ],
)
def test_a_redirect_leads_where_a_browser_would_go(location: str, target: str | None) -> None:
    headers = Headers()
    dict.update(headers, {b"Location": [location.encode()]})

    assert meaning_of(302, headers, URL, NOW).target == target


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("99999", LONGEST_WAIT),
        ("Fri, 01 May 2026 12:01:00 GMT", 60.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 May 2026 12:00:60 GMT", 59.0),
        ("Fri, 01 May 2027 11:00:00 GMT", LONGEST_WAIT),
        ("Fri, 01 May 2026 12:01:00", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_body_is_decoded_up_to_a_limit() -> None:
    from gzip import compress

    response = Response(URL, headers={"Content-Encoding": "gzip"}, body=compress(b"x" * 1_000))

    assert body_of(response, 2_000) == b"x" * 1_000
    assert len(body_of(response, 100)) <= 100
    assert body_of(Response(URL, body=b"plain"), 3) == b"pla"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "2026-05-01T12:03:20.000Z"}, 200.0),
        ({"RateLimit-Reset": str(int(NOW.timestamp()) + 90)}, 90.0),
        ({"X-RateLimit-Reset": "2026-05-01T11:00:00Z"}, 0.0),
        ({"X-RateLimit-Reset": "2026-05-02T12:00:00Z"}, LONGEST_WAIT),
        ({"X-RateLimit-Reset": "9999999999"}, LONGEST_WAIT),
        ({"Retry-After": "7", "X-RateLimit-Reset": "2026-05-01T12:03:20Z"}, 7.0),
        ({"X-RateLimit-Reset": "30"}, None),  # not a moment
        ({"X-RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_rate_limit_says_when_it_ends(headers: dict[str, str], wait: float | None) -> None:
    assert meaning_of(429, Headers(headers), URL, NOW).wait == wait


def test_only_an_answer_to_too_many_requests_waits_for_the_end_of_a_rate_limit() -> None:
    assert meaning_of(503, Headers({"X-RateLimit-Reset": "2026-05-01T12:03:20Z"}), URL, NOW).wait is None
