"""Pages get stand-ins for the storage of a login, and only the bytes that go to the site have its values."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from crawler.run.secret_forms import forms_of, stands_in
from crawler.run.stand_ins import StandIns, TooMuchStorage

ORIGIN, HOST = "https://members.example.org", "members.example.org"
SECRET = "a+b/c='T0p\"SECRET&"
CLAIMS = {"sub": "user-0123456789", "exp": 1_893_456_000, "name": "Anna Archivist"}


def coded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


JWT = f"{coded({'alg': 'RS256'})}.{coded(CLAIMS)}.c2lnbmF0dXJl"


def hidden(value: str) -> tuple[StandIns, str]:
    """Return the stand-ins for one item, and what pages get of it."""
    made = StandIns({ORIGIN: {"item": value}}, {HOST}, b"key")
    return made, made.storage[ORIGIN]["item"]


def sent(made: StandIns, url: str, body: str = "", **headers: str) -> Request:
    request = Request(
        url, method="POST", body=body, headers={name.replace("_", "-"): one for name, one in headers.items()}
    )
    return made.reveal(request) or request


def test_a_value_is_put_in_wherever_a_page_wrote_its_stand_in() -> None:
    made, given = hidden(SECRET)
    basic = base64.b64encode(f"anna:{given}".encode()).decode()

    request = sent(
        made,
        f"{ORIGIN}/api?token={given}",
        json.dumps({"token": given}),
        Content_Type="application/json",
        Authorization=f"Bearer {given}",
        X_Basic=f"Basic {basic}",
    )

    assert SECRET not in given
    assert request.url == f"{ORIGIN}/api?token={quote(SECRET, safe='')}"
    assert json.loads(request.body) == {"token": SECRET}
    assert request.headers["Authorization"] == f"Bearer {SECRET}".encode()
    assert base64.b64decode((request.headers["X-Basic"] or b"").split()[1]) == f"anna:{SECRET}".encode()
    form = sent(made, f"{ORIGIN}/", f"a=1&token={given}", Content_Type="application/x-www-form-urlencoded")
    assert form.body == f"a=1&token={quote(SECRET, safe='')}".encode()
    assert sent(made, f"{ORIGIN}/", f"plain {given}").body == f"plain {SECRET}".encode()


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/?t={}", "http://members.example.org/?t={}", "https://{}.example/"]
)
def test_neither_another_host_nor_a_plain_connection_gets_a_value(url: str) -> None:
    made, given = hidden(SECRET)

    assert made.reveal(Request(url.format(given), headers={"Authorization": given}, body=given)) is None


def test_only_items_of_origins_of_the_source_are_kept() -> None:
    made = StandIns({"https://elsewhere.example": {"t": SECRET}, ORIGIN: {"t": "0123456789abcdef"}}, {HOST}, b"key")

    assert list(made.storage) == [ORIGIN]
    assert made.item_in(SECRET.encode()) is None


def test_json_and_the_claims_of_a_jwt_can_still_be_read() -> None:
    value = {
        "token": JWT,
        "user": {"name": "Anna Archivist", "key": "correcthorse"},
        "at": 1_893_456_000_000,
        "dark": True,
    }
    made, given = hidden(json.dumps(value))

    found = json.loads(given)
    claims = json.loads(base64.urlsafe_b64decode(found["token"].split(".")[1] + "=="))
    assert (found["at"], found["dark"], found["user"]["name"]) == (1_893_456_000_000, True, "Anna Archivist")
    assert (claims["exp"], claims["name"], len(claims["sub"])) == (
        CLAIMS["exp"],
        CLAIMS["name"],
        len("user-0123456789"),
    )
    for secret in (JWT, JWT.split(".")[2], "user-0123456789", "correcthorse"):
        assert not stands_in(forms_of(secret), given.encode().lower()), secret
    assert sent(made, f"{ORIGIN}/{claims['sub']}").url == f"{ORIGIN}/user-0123456789"
    assert sent(made, f"{ORIGIN}/", Authorization=found["token"]).headers["Authorization"] == JWT.encode()


@given(st.text(min_size=8, max_size=60))
def test_no_value_of_eight_characters_reaches_a_page_and_each_reaches_the_site(value: str) -> None:
    made = StandIns({ORIGIN: {"token": value}}, {HOST}, b"key")
    given = made.storage[ORIGIN]["token"]

    if given != value:
        assert value not in given
        assert all(sign.isalnum() or sign in '-_.~{}[]":,' for sign in given)
        request = sent(made, f"{ORIGIN}/", json.dumps([given]), Content_Type="application/json")
        assert json.loads(request.body) == [value] or given[0] in "{["
    else:
        assert value.isascii()
        assert value[0] in "12h", "an instant, or an origin"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(quote(SECRET, safe=""), safe=""),
        json.dumps(SECRET),
        json.dumps(json.dumps({"a": SECRET})),
        "a=&quot;a+b/c=&#39;T0p&quot;SECRET&amp;&quot;",
        SECRET.encode().hex().upper(),
        *(base64.b64encode(b"x" * before + SECRET.encode() + b"y").decode() for before in range(4)),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_an_answer_that_repeats_a_value_is_found_in_each_form(form: str) -> None:
    made, _ = hidden(SECRET)

    assert made.item_in(f"before {form} after".encode()) == "item"
    assert made.item_in(b"a page about something else") is None


@pytest.mark.parametrize(
    ("value", "stays"),
    [
        ("collapsed", True),
        ('"collapsed"', True),
        ('{"title": "collapsed panel"}', True),
        ('{"sidebar": "collapsed"}', True),
        ('{"pass": "collapsed"}', False),
        ('{"userPin": ["collapsed"]}', False),
        ('{"token": {"value": "collapsed"}}', False),
        ("qwhgzkvbtplm", False),
        ("JBSWYPXEHPKPXPAA", False),
    ],
)
def test_words_stay_unless_their_name_is_one_of_a_secret(value: str, stays: bool) -> None:
    assert (hidden(value)[1] == value.replace(": ", ":")) == stays


def test_stand_ins_are_the_same_for_the_same_key() -> None:
    made = [StandIns({ORIGIN: {"item": JWT}}, {HOST}, key).storage[ORIGIN]["item"] for key in (b"a", b"a", b"b")]

    assert made[0] == made[1] != made[2]


def test_more_values_than_can_be_looked_for_are_refused() -> None:
    with pytest.raises(TooMuchStorage, match="more than 200 values"):
        hidden(json.dumps([f"token-number-{number}" for number in range(201)]))


@pytest.mark.parametrize("value", [f"Bearer {JWT}", json.dumps(JWT), json.dumps(f"Bearer {JWT}"), json.dumps([[JWT]])])
def test_a_token_in_a_value_is_found_by_itself(value: str) -> None:
    made, given = hidden(value)

    assert JWT.split(".")[2] not in given
    assert made.item_in(f"<p>{JWT}".encode()) == "item"
    stand_in = given.strip('"[]').removeprefix("Bearer ")
    assert (
        sent(made, f"{ORIGIN}/", Authorization=f"Bearer {stand_in}").headers["Authorization"]
        == f"Bearer {JWT}".encode()
    )
    assert json.loads(base64.urlsafe_b64decode(stand_in.split(".")[1] + "=="))["exp"] == CLAIMS["exp"]
