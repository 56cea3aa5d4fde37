"""`doctor --store` reports an object that a manifest names and the store has lost, with the way out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from archive.shipping.housekeeping import lost
from archive.store.local import LocalStore
from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    with open_pressmark(load_settings({"home": home})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    return home


def doctor(home: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str]]:
    """Return the exit code, and the lines about objects."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "doctor", *options, "--json"])
    items = json.loads(capsys.readouterr().out)["items"]
    return int(ended.value.code or 0), [item["sentence"] for item in items if item["part"] == "objects"]


def test_no_object_of_a_complete_store_is_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = doctor(home, capsys, "--store")

    assert (code, told) == (0, ["the store has every file that its lists (manifests) name; WARC files: 2"])


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("warc", "under the same key, then run pressmark rebuild"),
        ("manifest", "under the same key, then run pressmark rebuild"),
        ("cdxj", "run pressmark rebuild to read"),
    ],
)
def test_a_missing_object_is_named_with_the_way_out(
    home: Path, capsys: pytest.CaptureFixture[str], kind: str, way: str
) -> None:
    store = home / "store"
    gone = next(path for path in sorted((store / kind).rglob("*")) if path.is_file())
    gone.unlink()
    key = str(gone.relative_to(store))

    assert doctor(home, capsys)[1] == []
    code, told = doctor(home, capsys, "--store")

    assert code == 10
    assert len(told) == 1
    assert told[0].startswith(f"{key} is missing in the store: restore it from a copy")
    assert way in told[0]


def test_doctor_names_lost_warcs_without_reading_any_object(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(home / "store" / "warc")

    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "doctor", "--json"])
    told = [item for item in json.loads(capsys.readouterr().out)["items"] if item["part"] == "store"]

    assert (ended.value.code, len(told)) == (10, 1)
    assert told[0]["sentence"].startswith("WARC files that the store has lost: 2, e.g. warc/v1/default/")


def test_the_warc_of_a_missing_manifest_is_missed_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("warc", "manifest"):
        [of_january] = (home / "store" / kind).rglob("2026/01/31/*")
        of_january.unlink()

    code, told = doctor(home, capsys, "--store")

    assert code == 10
    assert sorted(sentence.partition("/")[0] for sentence in told) == ["manifest", "warc"]


def test_without_a_database_the_manifests_of_the_store_are_enough(home: Path) -> None:
    gone = next((home / "store" / "warc").rglob("*.warc.gz"))
    gone.unlink()
    heard: list[tuple[int, int]] = []

    found = list(lost(LocalStore(home / "store"), [], lambda done, total: heard.append((done, total))))

    assert found == [str(gone.relative_to(home / "store"))]
    assert heard == [(1, 2), (2, 2)]
