"""Nobody else on the machine can read a home, whatever the umask of who starts a command."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household, gazette
from services.waiting import eventually


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": html(text="kept")}
        yield site


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def open_files(home: Path) -> list[str]:
    modes = {file: mode for file in files_of(home) if (mode := mode_of(file)) is not None}
    return [f"{file} {stat.S_IMODE(mode):o}" for file, mode in modes.items() if not stat.S_ISLNK(mode) and mode & 0o077]


def files_of(home: Path) -> Iterator[Path]:
    yield home
    for at, directories, files in os.walk(home):
        yield from (Path(at) / name for name in [*directories, *files])


def mode_of(file: Path) -> int | None:
    """Return None for a file that the service has removed or renamed since it was listed."""
    try:
        return file.lstat().st_mode
    except FileNotFoundError:
        return None


@pytest.mark.usefixtures("open_umask")
def test_all_that_a_service_and_its_commands_write_is_private(household: Household, site: Site, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"source,seeds\nlisted,{site.url}/\n")
    household.run("source", "import", str(tmp_path / "list.csv"))
    (household.home / "sources" / "gazette.yaml").write_text(gazette(f"{site.url}/", walk="page"))
    (household.home / "sources" / "gazette.yaml").chmod(0o600)
    with household.serving() as served:
        run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
        eventually(lambda: served.get(f"/api/v1/runs/{run}").json["status"] == "over")
        eventually(lambda: any((household.home / "store").rglob("*.warc.gz")))
        assert open_files(household.home) == []
    assert open_files(household.home) == []
    told = household.run("doctor").out
    assert "others can" not in told

    # What a person exports is theirs to share.
    household.run("snapshot", "get", f"{site.url}/", "-o", str(tmp_path / "page.html"))
    household.run("export", "warc", "-o", str(tmp_path / "all.warc.gz"))
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("page.html", "all.warc.gz")] == [0o666, 0o666]

    # The control: the doctor names what is not so.
    household.home.chmod(0o755)
    assert f"run chmod 700 {household.home}" in household.run("doctor", code=None).out
