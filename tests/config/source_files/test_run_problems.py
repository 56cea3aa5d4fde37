from __future__ import annotations

from pathlib import Path

import pytest

from config.groups.permissions import Permissions
from config.load import load_file
from config.source_files.run_problems import run_problems

TEXT = (
    "sources:\n- source: a\n  seeds: [https://a.example/]\n  proxy: {secret: A_PROXY}\n"
    "- source: b\n  seeds: [https://b.example/]\n  cookies: {secret: no-reference}\n"
    "  headers:\n    Authorization: {secret: B_TOKEN}\n"
    "  login: {url: https://b.example/in, fields: {password: {secret: B_PASSWORD}}}\n"
)

PERMISSIONS = Permissions(secrets=frozenset({"A_PROXY", "B_TOKEN", "B_PASSWORD"}))


def test_the_error_for_a_missing_secret_names_file_line_key_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_PROXY", "http://me:pw@proxy.example:3128")
    (file := tmp_path / "both.yaml").write_text(TEXT)
    (bad := tmp_path / "bad.yaml").write_text(TEXT)
    described = [(path, source) for path in (file, bad, file) for source in load_file(path)]
    bad.write_text("source: [")
    [error] = run_problems(described, PERMISSIONS)

    assert [(one.file, one.line, one.key) for one in error.problems] == [
        (file, 9, "sources.1.headers.Authorization"),
        (file, 10, "sources.1.login.fields.password"),
    ]
    assert "neither B_TOKEN nor B_TOKEN_FILE is set in the environment; set B_TOKEN in the environment" in str(error)


def test_there_is_no_error_if_all_secrets_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "word").write_text("word\n")
    for name, value in (("A_PROXY", "x"), ("B_TOKEN", "y"), ("B_PASSWORD_FILE", str(tmp_path / "word"))):
        monkeypatch.setenv(name, value)
    (file := tmp_path / "both.yaml").write_text(TEXT)

    sources = load_file(file)
    file.unlink()  # it is read only for the line of a missing secret

    assert run_problems(((file, source) for source in sources), PERMISSIONS) == []


def test_the_error_for_what_is_not_permitted_names_file_line_key_and_the_way_out(tmp_path: Path) -> None:
    (file := tmp_path / "both.yaml").write_text(TEXT + "  addresses:\n  - 10.0.0.0/8\n  ports: [25]\n")
    [error] = run_problems([(file, source) for source in load_file(file)], Permissions())

    assert [(one.line, one.key) for one in error.problems] == [
        (4, "sources.0.proxy"),
        (9, "sources.1.headers.Authorization"),
        (10, "sources.1.login.fields.password"),
        (12, "sources.1.addresses.0"),
        (13, "sources.1.ports.0"),
    ]
    assert "the operator adds B_TOKEN to `secrets` in the settings" in str(error)
    assert "by a line of HOME/pressmark.yaml: 'allow: {addresses: [10.0.0.0/8]}'" in str(error)
