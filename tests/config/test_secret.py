from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import SecretNotFound
from config.secret import Secret, reveal

NAME = Secret(secret="NAME")


def test_a_secret_comes_from_the_environment() -> None:
    assert NAME.reveal({"NAME": "hunter2"}) == "hunter2"


def test_a_secret_comes_from_a_file_without_its_end_of_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")

    assert NAME.reveal({"NAME_FILE": str(tmp_path / "secret")}) == "hunter2"


def test_a_secret_that_is_nowhere_is_told_by_its_name() -> None:
    with pytest.raises(SecretNotFound, match="the secret NAME is not available: neither NAME nor NAME_FILE is set"):
        NAME.reveal({})


def test_a_secret_whose_file_is_not_there_is_told_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(SecretNotFound, match="gone can't be read: No such file"):
        NAME.reveal({"NAME_FILE": str(tmp_path / "gone")})


def test_a_value_that_is_written_out_is_itself() -> None:
    assert reveal("plain") == "plain"
    assert reveal(NAME, {"NAME": "hunter2"}) == "hunter2"
