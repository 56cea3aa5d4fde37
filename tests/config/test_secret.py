from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import SecretNotFound
from config.secret import Secret, reveal

NAME = Secret(secret="NAME")


def test_a_secret_comes_from_the_environment() -> None:
    assert NAME.reveal({"NAME": "hunter2"}) == "hunter2"


def test_a_secret_from_a_file_has_no_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")

    assert NAME.reveal({"NAME_FILE": str(tmp_path / "secret")}) == "hunter2"


def test_the_error_for_a_missing_secret_names_it() -> None:
    with pytest.raises(SecretNotFound, match="the secret NAME is not available: neither NAME nor NAME_FILE is set"):
        NAME.reveal({})


def test_the_error_for_a_missing_secret_file_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SecretNotFound, match="gone can't be read: No such file"):
        NAME.reveal({"NAME_FILE": str(tmp_path / "gone")})


def test_a_plain_value_is_returned_unchanged() -> None:
    assert reveal("plain") == "plain"
    assert reveal(NAME, {"NAME": "hunter2"}) == "hunter2"
