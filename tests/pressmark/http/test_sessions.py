"""A token, a password or a cookie is read from the headers of a request; malformed ones count as missing."""

from __future__ import annotations

import pytest
from specimens.gates import basic
from starlette.datastructures import Headers

from pressmark.http.sessions import COOKIE, basic_in, bearer_in, cookie_in, is_same


def headers(**fields: str) -> Headers:
    return Headers(fields)


@pytest.mark.parametrize(
    ("field", "bearer", "password"),
    [
        ("Bearer abc", "abc", None),
        ("bearer  abc ", "abc", None),
        ("Bearer", "", None),
        (basic("abc"), None, "abc"),
        (basic("a:b").replace("Basic", "BASIC"), None, "a:b"),
        ("Basic", None, ""),
        ("Basic !", None, ""),
        ("Basic /w==", None, ""),
        ("Digest abc", None, None),
        ("abc", None, None),
        ("", None, None),
    ],
)
def test_credentials_have_the_scheme_that_their_field_names(
    field: str, bearer: str | None, password: str | None
) -> None:
    given = headers(authorization=field)

    assert (bearer_in(given), basic_in(given)) == (bearer, password)


def test_a_request_without_credentials_has_none() -> None:
    assert (bearer_in(headers()), basic_in(headers()), cookie_in(headers())) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (f"{COOKIE}=abc", "abc"),
        (f"other=1; {COOKIE}=abc", "abc"),
        (f"{COOKIE}=", None),
        ("other=abc", None),
        (f"{COOKIE}[=abc", None),
        ("", None),
    ],
)
def test_a_cookie_is_found_among_others_and_an_empty_one_is_none(field: str, expected: str | None) -> None:
    assert cookie_in(headers(cookie=field)) == expected
    assert cookie_in(headers(cookie="other=1"), "other") == "1"


@pytest.mark.parametrize(
    ("given", "same"), [("secret", True), ("Secret", False), ("secre", False), ("", False), ("secr\udce9t", False)]
)
def test_only_the_secret_itself_is_the_secret(given: str, same: bool) -> None:
    assert is_same(given, "secret") is same
