"""Sites find out who crawls them, and the keys that verify it, without a login."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser.english import NAMES, english_in
from services.retrieving import Retrieving, served
from specimens.backups import BAD
from wire.message_signatures import Message, Refused, verified

from config.settings import Settings
from crawler.wire.bot_key import signing_key
from pressmark.service.assembly import open_pressmark

DIRECTORY = "/.well-known/http-message-signatures-directory"
PUBLIC_URL = "https://archive.example.org"


def answers(home: Path, path: str, **settings: str) -> tuple[int, dict[str, str], str]:
    made = Settings(home=home, token="a token of some length", **settings)  # type: ignore[arg-type]
    with open_pressmark(made) as service, served(service) as url:
        status, headers, body = Retrieving(url, service, []).get(path)
    return status, {name.lower(): value for name, value in headers.items()}, body.decode()


def test_the_keys_are_listed_and_each_signs_the_list(tmp_path: Path) -> None:
    signing_key(tmp_path / "crawler-keys")
    (tmp_path / "crawler-keys" / "current.pem").rename(tmp_path / "crawler-keys" / "former.pem")
    signing_key(tmp_path / "crawler-keys")

    status, headers, body = answers(tmp_path, DIRECTORY, public_url=PUBLIC_URL)

    keys = json.loads(body)["keys"]
    assert (status, len(keys)) == (200, 2)
    assert headers["content-type"] == "application/http-message-signatures-directory+json"
    assert headers["cache-control"] == "max-age=3600"
    assert [set(key) for key in keys] == [{"crv", "kty", "x", "kid", "use"}] * 2
    x_of = {key["kid"]: key["x"] for key in keys}.__getitem__
    message, at = Message("GET", "archive.example.org", DIRECTORY, headers), datetime.now(UTC)
    assert [verified(message, x_of, at, f"key{number}")["keyid"] for number in (1, 2)] == [key["kid"] for key in keys]
    copied = Message("GET", "copy.example.org", DIRECTORY, headers)
    with pytest.raises(Refused):
        verified(copied, x_of, at, "key1")


def test_there_is_no_list_without_a_key_or_an_address(tmp_path: Path) -> None:
    assert answers(tmp_path, DIRECTORY, public_url=PUBLIC_URL)[0] == 404
    signing_key(tmp_path / "crawler-keys")
    assert answers(tmp_path, DIRECTORY)[0] == 404


@pytest.mark.parametrize("bad", [False, True])
def test_the_answer_about_a_key_that_cannot_be_read_names_no_path(tmp_path: Path, bad: bool) -> None:
    signing_key(tmp_path / "crawler-keys")
    file = tmp_path / "crawler-keys" / "current.pem"
    file.chmod(0o644)
    if bad:
        file.unlink()
        file.symlink_to(BAD)

    status, _, body = answers(tmp_path, DIRECTORY, public_url=PUBLIC_URL)

    assert status == 503
    assert str(tmp_path) not in body


def test_the_page_names_the_contact_the_agent_and_the_keys(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "crawler-keys")

    status, _, body = answers(tmp_path, "/crawler", public_url=PUBLIC_URL, contact="https://library.example/contact")

    assert status == 200
    for told in ("https://library.example/contact", "Pressmark/", key.id, key.jwk["x"], f"{PUBLIC_URL}{DIRECTORY}"):
        assert told in body


def test_the_page_in_chinese_has_no_english_sentence(tmp_path: Path) -> None:
    signing_key(tmp_path / "crawler-keys")
    made = Settings(home=tmp_path, public_url=PUBLIC_URL)
    with open_pressmark(made) as service, served(service) as url:
        body = Retrieving(url, service, []).get("/crawler", **{"Accept-Language": "zh-CN"})[2].decode()

    fields = {"Signature", "Input", "Agent", "Message", "Signatures", "RFC", "Web", "Bot", "Auth", "keyid", "tag"}
    fields |= {"User", "Crawl", "delay", "Retry", "After", "Ed"}
    words = {word for piece in english_in(body) for word in re.findall(r"[A-Za-z]{2,}", piece)}
    assert words - NAMES - fields - {"web", "bot", "auth", "txt"} == set()


def test_the_page_of_a_service_that_signs_nothing_says_so(tmp_path: Path) -> None:
    _, _, body = answers(tmp_path, "/crawler")

    assert "It does not sign its requests." in body
    assert "The settings of this archive name no contact." in body
