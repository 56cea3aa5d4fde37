"""The commands about people and tokens, and their rows in the audit trail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

PASSWORD = "a password of these tests"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    return tmp_path / "home"


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    code = code_of(*arguments, "--json")
    shown = capsys.readouterr()
    assert code == 0, shown.err
    return json.loads(shown.out)


def test_a_person_is_added_changed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "user", "add", "anna", "--role", "trigger", "--password-file", "password")
    assert (made["name"], made["role"], made["used_at"]) == ("anna", "trigger", None)

    assert run(capsys, "user", "role", "anna", "admin")["role"] == "admin"
    run(capsys, "user", "password", "anna", "--password-file", "password")
    assert [one["name"] for one in run(capsys, "user", "list")["items"]] == ["anna"]
    assert run(capsys, "user", "remove", "anna", "--yes")["removed"] is True
    assert run(capsys, "user", "list")["items"] == []
    rows = run(capsys, "trail")["items"]

    assert [row["action"].partition(" user ")[2] for row in reversed(rows)] == ["add", "role", "password", "remove"]
    assert {row["origin"] for row in rows} == {"command line"}
    assert rows[2]["before"] == {"role": "trigger"}
    assert rows[2]["after"] == {"role": "admin"}
    assert run(capsys, "trail", "--verify")["problem"] is None


def test_a_token_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "token", "add", "ci", "--role", "curate", "--collection", "news", "--expires", "90d")
    shown = json.dumps([run(capsys, "token", "list"), run(capsys, "trail")])

    assert made["token"].startswith("pressmark_")
    assert made["collections"] == ["news"]
    assert made["token"] not in shown
    run(capsys, "token", "revoke", "ci")
    [listed] = run(capsys, "token", "list")["items"]
    assert (listed["state"], listed["role"]) == ("revoked", "curate")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("user", "remove", "nobody", "--yes"), 5),
        (("user", "password", "nobody", "--password-file", "password"), 5),
        (("user", "role", "nobody", "admin"), 5),
        (("user", "add", "Anna B", "--password-file", "password"), 2),
        (("user", "add", "anna", "--password-file", "/dev/null"), 2),
        (("user", "add", "anna", "--role", "king", "--password-file", "password"), 2),
        (("token", "revoke", "nothing"), 5),
        (("token", "add", "ci", "--expires", "soon"), 2),
        (("trail", "--since", "soon"), 2),
    ],
)
def test_a_mistake_has_its_exit_code(arguments: tuple[str, ...], code: int) -> None:
    assert code_of(*arguments) == code


def test_a_trail_that_was_changed_ends_with_the_code_of_integrity(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "pause", "--reason", "a move")
    assert code_of("trail", "--verify") == 0
    engine = create_engine(f"sqlite:///{home / 'pressmark.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_trail SET who = 'nobody'"))
    engine.dispose()

    assert code_of("trail", "--verify") == 10
    assert "entry 1 of the audit trail was changed after it was written" in capsys.readouterr().err


@pytest.mark.costly
def test_a_person_gets_a_new_subject_only_at_a_provider(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "user", "add", "anna", "--password-file", "password")
    assert code_of("user", "rebind", "anna", "--subject", "anna-2") == 2
    assert "no provider of logins is set up; add oidc to the settings first" in capsys.readouterr().err
    for key, value in {"ISSUER": "https://login.example", "CLIENT_ID": "a", "CLIENT_SECRET": "a secret"}.items():
        monkeypatch.setenv(f"PRESSMARK_OIDC__{key}", value)
    monkeypatch.setenv("PRESSMARK_OIDC__DEFAULT_ROLE", "read")
    monkeypatch.setenv("PRESSMARK_PUBLIC_URL", "https://archive.example")
    assert code_of("user", "rebind", "anna", "--subject", "anna-2") == 2
    assert "anna logs in with a password, and so has no subject at the provider" in capsys.readouterr().err
    assert code_of("user", "rebind", "ben", "--subject", "anna-2") != 0
    with open_pressmark(load_settings({})) as service:
        service.access.admit("an identity", "cora", Role.CURATE)
    assert run(capsys, "user", "rebind", "cora", "--subject", "cora-2")["role"] == "curate"
    row = run(capsys, "trail")["items"][0]
    assert (row["target"], row["after"]) == ("cora", {"subject": "cora-2"})
    assert "cora has a new subject" in (code_of("user", "rebind", "cora", "--subject", "c"), capsys.readouterr())[1].err
