"""Webhooks are read again when one of their settings files has changed, and only then."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from services.databases import database_at

from archive.database.engine import Database
from config.settings import Settings, load_settings
from pressmark.service.redaction import redaction
from pressmark.service.webhook_settings import Hooks

SECRET = "whsec_" + b64encode(b"a key of these tests, and no other").decode()
OTHER = "whsec_" + b64encode(b"another key of these tests, no more").decode()


def written(home: Path, *names: str, url: str = "https://hooks.example.org/a", secret: str = SECRET) -> None:
    lines = [f"  {name}: {{url: {url}, secret: {secret}}}" for name in names]
    (home / "pressmark.yaml").write_text("\n".join(["port: 0", "webhooks:", *lines] if names else ["port: 0", ""]))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(database_at(tmp_path / "a.db")) as database:
        yield database


def hooks_of(home: Path, database: Database) -> Hooks:
    return Hooks(load_settings({"home": home}, dotenv=home / ".env"), database)


def test_a_webhook_is_added_changed_and_removed_while_the_service_runs(tmp_path: Path, database: Database) -> None:
    hooks = hooks_of(tmp_path, database)
    assert hooks.current() == {}

    written(tmp_path, "team")
    assert set(hooks.current()) == {"team"}
    written(tmp_path, "team", "other", url="https://hooks.example.org/another")
    assert set(hooks.current()) == {"team", "other"}
    url = hooks.current()["team"].url
    assert url and url.get_secret_value() == "https://hooks.example.org/another"
    written(tmp_path)
    assert hooks.current() == {}


def test_a_secret_in_a_file_is_read_again_and_hidden_from_then_on(tmp_path: Path, database: Database) -> None:
    file = tmp_path / "team.secret"
    file.write_text(SECRET)
    (tmp_path / "pressmark.yaml").write_text(
        f"webhooks: {{team: {{url: 'https://hooks.example.org/a', secret_file: {file}}}}}\n"
    )
    hooks = hooks_of(tmp_path, database)
    file.write_text(OTHER)
    secret = hooks.current()["team"].secret

    assert secret and secret.get_secret_value() == OTHER
    assert OTHER not in redaction.text(f"it is {OTHER}")


@pytest.mark.parametrize(("path", "is_hidden"), [("", False), ("/", False), ("/T0/in-a-path-canary", True)])
def test_the_address_of_a_webhook_is_hidden_unless_it_is_that_of_a_host_alone(
    tmp_path: Path, database: Database, path: str, *, is_hidden: bool
) -> None:
    url = f"http://hooks-{len(path)}.example.net{path}"
    written(tmp_path)
    hooks = hooks_of(tmp_path, database)
    written(tmp_path, "team", url=url)
    hooks.current()

    assert (redaction.text(f"{url}news.html can't be reached") != f"{url}news.html can't be reached") == is_hidden


def test_a_mistake_changes_nothing_and_is_reported_once(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, "team")
    hooks = hooks_of(tmp_path, database)
    (tmp_path / "pressmark.yaml").write_text(f"webhooks: {{team: {{url: 'ftp://x/secret-path', secret: {SECRET}}}}}\n")
    with caplog.at_level(logging.ERROR):
        kept = [set(hooks.current()) for _ in range(3)]
    [told] = caplog.records
    written(tmp_path, "mended")

    assert kept == [{"team"}] * 3
    assert "an http or https URL" in told.__dict__["reason"]
    assert SECRET not in told.__dict__["reason"] and "secret-path" not in told.__dict__["reason"]
    assert set(hooks.current()) == {"mended"}


def test_unchanged_settings_are_not_read_again(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "team")
    hooks = hooks_of(tmp_path, database)
    before = hooks.settings()
    monkeypatch.setenv("PRESSMARK_WEBHOOKS", "{}")

    assert hooks.settings() is before
    written(tmp_path, "other")
    assert hooks.current() == {}, "the environment goes before the file"


def test_settings_without_a_file_stay(tmp_path: Path, database: Database) -> None:
    settings = Settings(home=tmp_path)

    assert Hooks(settings, database).settings() is settings
    assert settings.read_again() is settings
