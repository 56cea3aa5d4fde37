from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from pressmark.cli.app import app
from pressmark.service.assembly import open_pressmark

SOURCE = "source: {name}\nseeds: [https://{name}.example/]\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    sources = tmp_path / "home" / "sources"
    sources.mkdir(parents=True)
    for name in ("wire", "wind", "gazette"):
        (sources / f"{name}.yaml").write_text(SOURCE.format(name=name))
    return tmp_path / "home"


def offered(line: str, home: Path) -> list[str]:
    """Return what a shell offers at the end of a command line."""
    words = ["pressmark", "--home", str(home), *line.split(" ")]
    told = {
        "_PRESSMARK_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    return CliRunner().invoke(app, [], env=told, prog_name="pressmark").output.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("run wi", ["wind", "wire"]),
        ("run wire g", ["gazette"]),
        ("source show ga", ["gazette"]),
        ("source check w", ["wind", "wire"]),
        ("export jsonl --source wir", ["wire"]),
        ("search --source g", ["gazette"]),
        ("run nobody", []),
    ],
)
def test_source_names_are_offered(home: Path, line: str, names: list[str]) -> None:
    assert sorted(offered(line, home)) == names


def test_run_ids_are_offered(home: Path) -> None:
    with open_pressmark(load_settings({"home": str(home)})) as service:
        run = service.request("wire")

    assert offered(f"runs show {run.id[:8]}", home) == [run.id]
    assert offered("runs logs x", home) == []


def test_completion_creates_no_home_and_skips_a_bad_file(home: Path, tmp_path: Path) -> None:
    assert offered("run w", tmp_path / "nowhere") == []
    assert offered("runs show 2", tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()

    (home / "sources" / "wind.yaml").write_text("source: [")
    assert offered("run wi", home) == ["wire"]
