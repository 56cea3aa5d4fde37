from __future__ import annotations

import random
from pathlib import Path

import can_ada
import pytest
from conftest import LONG
from hypothesis import given
from hypothesis import strategies as st
from oracles.environment import NotInstalled
from oracles.surt_oracle import SurtOracle

from archive.values.urlkey import key_ranges, urlkey

URLS = (Path(__file__).parents[1] / "cases" / "urls.txt").read_text(encoding="utf-8").splitlines()

# URLs whose SURT, parsed as browsers do, differs from that of their text.
READ_AS_BROWSERS_DO = {
    "http://ex.com\\@evil.com/": "the backslash ends the host",
    "http://ex.com\\a\\b": "a backslash is a slash",
    "http://example.com/a\\tb": "a backslash is a slash",
    "http://0x7f.1/a": "an IPv4 address",
    "http://[::ffff:1.2.3.4]/": "an IPv6 address",
    "http://example.com/../a": "nothing is above the root",
    "http://example.com/%2e%2e/a": "nothing is above the root",
    "http://example.com/..": "nothing is above the root",
    "http://example.com/../../a/../..": "nothing is above the root",
    "http://example.com/a/../../b": "nothing is above the root",
    "ftp://example.com:21/a": "a default port",
    "wss://example.com:443/": "a default port",
    "ws://example.com:80/": "a default port",
    "http://straße.de/": "ß is a letter of its own since IDNA 2008",
    "http://faß.de/": "ß is a letter of its own since IDNA 2008",
    "MAILTO:Foo@Example.com": "schemes are lower case",
    "URN:UUID:ABC": "schemes are lower case",
}


def is_url(text: str) -> bool:
    """Return whether it is a URL by the WHATWG rules, possibly after adding ``http://``."""
    return can_ada.can_parse(text) or (":" not in text and can_ada.can_parse(f"http://{text.lstrip('/')}"))


@pytest.fixture(scope="session")
def surt(pytestconfig: pytest.Config) -> SurtOracle:
    cache = pytestconfig.cache
    assert cache is not None
    try:
        return SurtOracle(cache.mkdir("surt"))
    except NotInstalled as missing:
        pytest.skip(str(missing))


def test_keys_equal_those_of_surt_except_where_browsers_parse_a_url_differently(surt: SurtOracle) -> None:
    urls = [url for url in URLS if is_url(url)]
    assert len(urls) > 380

    different = {url: (urlkey(url), key) for url, key in zip(urls, surt.keys(urls), strict=True) if urlkey(url) != key}

    assert different.keys() == READ_AS_BROWSERS_DO.keys(), different


def test_keys_equal_those_of_surt_for_urls_normalized_as_browsers_do(surt: SurtOracle) -> None:
    urls = [url for url in URLS if can_ada.can_parse(url)]

    keys = surt.keys([can_ada.parse(url).href for url in urls])

    assert [urlkey(url) for url in urls] == keys


HOSTS = (
    "example.com www.example.com WWW2.Example.ORG [::1] [2001:DB8::1] 10.0.0.1 bücher.de 中国.cn localhost a..b www1"
)
PIECES = (
    "a B / // .. /../ /./ %2f %2e %2E%2E %41 %2541 %25 % %zz %20 é %c3%a9 %C3%89 中 & = ? %3f %23 %26 %3d ; .aspx .asp "
    "~ + ' \" < | ^ ` { } [ ] @ : ! 1 b=1 &a=2 - _ . %00 %0a %7f %ff İ ß cfid=1&cftoken=2 (0123456789abcdef01234567) "
    "(s(0123456789abcdef01234567)) jsessionid=HEX sid=HEX PHPSESSID=HEX ASPSESSIONIDABCDEFGH=ABCDEFGHIJKLMNOPQRSTUVWX"
).replace("HEX", "0123456789ABCDEF0123456789abcdef")


def made_up(chance: random.Random) -> str:
    scheme, host = chance.choice(["http", "https", "HTTP", "ftp"]), chance.choice(HOSTS.split())
    user, port = chance.choice(["", "", "user:pw@"]), chance.choice(["", "", ":80", ":443", ":8080", ":"])
    path, query = ("".join(chance.choices([*PIECES.split(), " "], k=chance.randrange(8))) for _ in "pq")
    return f"{scheme}://{user}{host}{port}/{path}{chance.choice(['', '?'])}{query}{chance.choice(['', '#f'])}"


def test_keys_of_generated_urls_equal_those_of_surt(surt: SurtOracle) -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    urls = [url for url in (made_up(chance) for _ in range(200_000 if LONG else 3_000)) if can_ada.can_parse(url)]

    keys = surt.keys([can_ada.parse(url).href for url in urls])

    different = [(url, urlkey(url), key) for url, key in zip(urls, keys, strict=True) if urlkey(url) != key]
    assert not different, f"seed {seed}: {different[:5]}"


@pytest.mark.parametrize(
    "spelling",
    [
        "http://example.org/News?a=1&b=2",
        "https://www.example.org:443/news/?b=2&a=1",
        "HTTP://WWW3.EXAMPLE.ORG/news//?a=1&b=2#top",
        "http://user:secret@example.org./news/./x/../?a=1&b=2",
        "example.org/%4eews?%61=1&b=%32",
        "\thttp://example.org/news?a=1&b=2&jsessionid=0123456789abcdef0123456789abcdef\n",
    ],
)
def test_spellings_of_one_url_have_one_key(spelling: str) -> None:
    key = urlkey(spelling)

    assert key.replace("&&", "&").replace("?&", "?") == "org,example)/news?a=1&b=2"


def test_urls_of_different_pages_have_different_keys() -> None:
    urls = [
        "http://a.org/b",
        "http://a.org/c",
        "http://a.org/b?c",
        "http://a.org:81/b",
        "http://b.a.org/b",
        "urn:a.org/b",
    ]

    assert len({urlkey(url) for url in urls}) == len(urls)


@given(st.text() | st.sampled_from(URLS))
def test_a_url_and_its_normalized_form_have_one_key(text: str) -> None:
    if can_ada.can_parse(text):
        assert urlkey(can_ada.parse(text).href) == urlkey(text)


@given(
    st.text(st.characters(codec=None, exclude_categories=())) | st.builds("http://{}/{}?{}".format, *[st.text()] * 3)
)
def test_any_text_has_a_key_of_printable_ascii_without_blanks(text: str) -> None:
    key = urlkey(text)

    assert key
    assert all("!" <= character <= "~" for character in key), key
    assert urlkey(text) == key


def test_a_long_url_has_a_key() -> None:
    assert len(urlkey("http://example.org/" + "a%20b/" * 100_000)) > 100_000
    assert urlkey("http://example.org/%" + "25" * 20_000) == "org,example)/%25"


def within(url: str, question: str, match: str) -> bool:
    return any(low <= urlkey(url) < high for low, high in key_ranges(question, match))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "match", "inside", "outside"),
    [
        (
            "http://a.org/b",
            "exact",
            ["https://www.a.org/b/"],
            ["http://a.org/b?", "http://a.org/b/c", "http://a.org/"][1:],
        ),
        ("http://a.org/b", "prefix", ["http://a.org/b", "http://a.org/bc", "http://a.org/b?c"], ["http://a.org/a"]),
        ("http://a.org/b/", "prefix", ["http://a.org/b/c"], ["http://a.org/bc", "http://a.org/c"]),
        ("http://a.org/", "prefix", ["http://a.org/", "http://a.org/b"], ["http://b.a.org/", "http://a.org:81/"]),
        ("http://a.org/x", "host", ["http://a.org/", "http://www.a.org/b"], ["http://b.a.org/", "http://a.org:81/"]),
        ("http://a.org:81/", "host", ["http://a.org:81/b"], ["http://a.org/b"]),
        (
            "a.org",
            "domain",
            ["http://a.org/", "http://a.org:81/", "http://b.a.org/", "http://c.b.a.org:82/x"],
            ["http://ba.org/", "http://a.org.uk/", "http://org/", "http://a-b.org/", "http://ab.org/"],
        ),
        ("http://[::1]/", "domain", ["http://[::1]/a", "http://[::1]:80/b"], ["http://[::2]/a"]),
    ],
)
def test_a_match_includes_these_urls_and_excludes_those(
    question: str, match: str, inside: list[str], outside: list[str]
) -> None:
    assert [url for url in inside if not within(url, question, match)] == []
    assert [url for url in outside if within(url, question, match)] == []


def test_a_host_match_needs_a_url_with_a_host() -> None:
    with pytest.raises(ValueError, match="has no host"):
        key_ranges("urn:isbn:1", "host")
