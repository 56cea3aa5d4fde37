"""The settings of the login with OpenID Connect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from config.settings import load_settings
from config.without_secrets import without_secrets

ISSUER = "https://login.example.org/realms/library"
WHOLE = {"oidc.issuer": ISSUER, "oidc.client_id": "pressmark", "oidc.default_role": "read"}


def test_a_provider_without_more_than_it_needs() -> None:
    made = load_settings(WHOLE, dotenv=None).oidc
    assert (made.issuer, made.title, made.scopes) == (ISSUER, "login.example.org", "openid profile")
    assert load_settings(dotenv=None).oidc.issuer is None, "off by default"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"oidc.issuer": "http://login.example.org"}, "is not an https address"),
        ({"oidc.issuer": "http://127.0.0.1.example.org"}, "is not an https address"),
        ({"oidc.issuer": "login.example.org"}, "is not a full URL"),
        ({"oidc.issuer": "https://anna:secret@login.example.org"}, "user name or password in it"),
        ({"oidc.issuer": "https://login.example.org/?tenant=1"}, "has a query or a fragment"),
        ({"oidc.client_id": None}, "no client_id"),
        ({"oidc.default_role": None}, "nobody could log in"),
        ({"oidc.default_role": "boss"}, "admin"),
        ({"oidc.issuer": None}, "no provider; set issuer"),
        ({"oidc.scopes": "profile"}, "openid is among them"),
        ({"oidc.scopes": "openid  profile"}, "separated by one space"),
        ({"oidc.roles": {"it": "root"}}, "admin"),
    ],
)
def test_what_can_not_work_is_an_error_that_names_the_key(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match="oidc") as refused:
        load_settings({**WHOLE, **changed}, dotenv=None)
    assert told in str(refused.value)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9000", "http://localhost:9000/a", "http://[::1]:9000"])
def test_a_provider_on_this_machine_needs_no_https(issuer: str) -> None:
    assert load_settings({**WHOLE, "oidc.issuer": issuer}, dotenv=None).oidc.issuer == issuer


def test_the_client_secret_may_be_in_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a client secret\n")
    settings = load_settings({**WHOLE, "oidc.client_secret_file": str(tmp_path / "secret")}, dotenv=None)
    assert settings.oidc.client_secret is not None
    assert settings.oidc.client_secret.get_secret_value() == "a client secret"
    assert "a client secret" not in str(settings)
    kept = without_secrets(
        "oidc: {issuer: 'https://a.example', client_id: a, client_secret: hidden, roles: {a: read}}\n"
    )
    assert kept is not None and "hidden" not in kept[0] and kept[1] == ["oidc.client_secret"]
