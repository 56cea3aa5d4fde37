from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load_file
from config.missing import missing_secrets

TEXT = (
    "sources:\n- source: a\n  seeds: [https://a.example/]\n  proxy: {secret: A_PROXY}\n"
    "- source: b\n  seeds: [https://b.example/]\n  cookies: {secret: no-reference}\n"
    "  headers:\n    Authorization: {secret: B_TOKEN}\n"
    "  login: {url: https://b.example/in, fields: {password: {secret: B_PASSWORD}}}\n"
)


def test_the_error_for_a_missing_secret_names_file_line_key_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_PROXY", "http://me:pw@proxy.example:3128")
    (file := tmp_path / "both.yaml").write_text(TEXT)
    (bad := tmp_path / "bad.yaml").write_text(TEXT)
    described = [(path, source) for path in (file, bad, file) for source in load_file(path)]
    bad.write_text("source: [")
    [error] = missing_secrets(described)

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

    assert missing_secrets((file, source) for source in sources) == []
