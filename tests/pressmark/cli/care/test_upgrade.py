"""`pressmark upgrade` brings the tables of an older home to the schema of this version."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from archive.database.migrate import newest
from pressmark.cli import main

HOMES = Path(__file__).parents[3] / "archive/database/older_homes"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert not ended.value.code, err
    return out + err


def test_the_tables_of_an_older_home_get_the_newest_schema_and_a_second_time_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tarfile.open(max(HOMES.glob("*.tar.xz"))) as tar:
        tar.extractall(tmp_path, filter="data")
    home = str(tmp_path / "home")
    database = str(tmp_path / "home" / "pressmark.db")
    for _ in range(2):
        said = json.loads(printed(capsys, "--home", home, "upgrade", "--json"))
        assert said == {"database": database, "schema": newest()}
    said = printed(capsys, "--home", home, "upgrade")
    assert said == f"the tables of the database {database} are of schema {newest()}\n"
