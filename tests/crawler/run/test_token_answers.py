"""Answers that repeat a value of a login's storage, or bring a token, are not archived."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime

import pytest

from archive.warc.exchange import Exchange, Request, Response
from crawler.run import token_answers
from crawler.run.stand_ins import StandIns
from crawler.run.token_answers import shown, why_withheld

SECRET = "s3cret-of-a-login"
JSON = "application/json"


@pytest.fixture
def stand_ins() -> StandIns:
    return StandIns({"https://a.example": {"token": SECRET}}, {"a.example"}, b"key")


def exchange(body: bytes, kind: str = "text/html", *, file: bool = False, **fields: str) -> Exchange:
    named = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in fields.items()}
    headers = tuple((name.encode(), value.encode()) for name, value in named.items())
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % field for field in headers) + b"\r\n"
    answer = Response(head, 200, headers, io.BytesIO(body) if file else body, len(body))
    return Exchange(Request("GET", "https://a.example/", b""), answer, datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (exchange(b"<p>A page."), None),
        (exchange(f"<p>{SECRET}".encode()), "it repeats 'token'"),
        (exchange(f"<p>{SECRET}".encode(), file=True), "it repeats 'token'"),
        (exchange(gzip.compress(SECRET.encode()), Content_Encoding="gzip"), "it repeats 'token'"),
        (exchange(b"", Location=f"/?t={SECRET}"), "it repeats 'token'"),
        (exchange(SECRET.encode("utf-16")), "it repeats 'token'"),
        (exchange(gzip.compress(b"<p>A page." * 99)[:-9], Content_Encoding="gzip"), "can't be looked for in it"),
        (exchange(b'{"data": {"accessToken": "0123456789"}}', JSON), "it brings a token in 'accessToken'"),
        (exchange(b'\xef\xbb\xbf{"access_token": "0123456789ab"}', JSON), "it brings a token in 'access_token'"),
        (
            exchange(b'data: {"access_token":"0123456789ab"}\n\n', "text/event-stream"),
            "it brings a token in 'access_token'",
        ),
        (exchange(b"access_token=0123456789ab&token_type=bearer", "text/plain"), "it brings a token in 'access_token'"),
        (exchange(b'{"access_token": "0123456789ab"}', "image/png"), "it brings a token in 'access_token'"),
        (exchange('{"id_token": "0123456789ab"}'.encode("utf-16"), JSON), "it brings a token in 'id_token'"),
        (exchange(b'{"session_id": 8827364554433221}', JSON), "it brings a token in 'session_id'"),
        (exchange(b"<p>eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.sign"), "it brings a token in 'a JWT'"),
        (exchange(b'{"refresh": "0123456789abcdef01234567"}', JSON), "it brings a token in 'refresh'"),
        (exchange(b'{"refresh": "every ten seconds or so"}', JSON), None),
        (exchange("".join(f"&#{ord(sign)};" for sign in SECRET).encode()), "it repeats 'token'"),
        (exchange("".join(f"\\u{ord(sign):04x}" for sign in SECRET).encode(), JSON), "it repeats 'token'"),
        (exchange(b'{"token_type": "Bearer-of-it", "token": "short"}', JSON), None),
        (exchange(b"{}", JSON, X_Auth_Token="0123456789"), "it brings a token in 'X-Auth-Token'"),
        (exchange(b"{}", JSON, X_CSRF_Token="0123456789", WWW_Authenticate="Bearer realm"), None),
    ],
)
def test_an_answer_is_withheld_for_a_reason(stand_ins: StandIns, one: Exchange, why: str | None) -> None:
    found = why_withheld(stand_ins, one, own=True)

    assert found is None if why is None else found is not None and why in found
    assert SECRET not in (found or "")


def test_tokens_of_other_sites_are_none_of_the_login(stand_ins: StandIns) -> None:
    assert why_withheld(stand_ins, exchange(b'{"token": "0123456789"}', JSON), own=False) is None


def test_an_answer_too_long_to_be_searched_is_withheld(stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_answers, "_LARGEST", 1 << 20)

    why = why_withheld(stand_ins, exchange(b"x" * (1 << 20) + b"y", file=True), own=True)

    assert why == "it has more than 1 MiB, in which the values of the login's storage were not looked for"
    assert why_withheld(stand_ins, exchange(b"\0x" * (1 << 20), "video/mp4", file=True), own=True) is None


def test_a_page_gets_json_with_stand_ins_for_the_tokens_in_it(stand_ins: StandIns) -> None:
    body = json.dumps({"access_token": "new-token-42", "echo": f"Bearer {SECRET}", "n": [1, None]}).encode()

    text = shown(stand_ins, body, secure=True)

    assert text is not None
    found = json.loads(text)
    assert (found["n"], found["echo"]) == ([1, None], f"Bearer {stand_ins.storage['https://a.example']['token']}")
    assert found["access_token"] != "new-token-42"
    assert stand_ins.item_in(b"new-token-42") == "access_token"
    assert shown(stand_ins, f"<p>{SECRET}".encode(), secure=True) is None
