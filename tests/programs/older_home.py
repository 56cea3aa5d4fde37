"""Make homes as the code of another commit writes them: ``python -m programs.older_home CHECKOUT [LIBRARIES]``.

With ``--purged`` first, the homes go to `older_purges`: a page was purged in them, another one is held, and a dry run
of a retention has looked at all. Revision 0036 is the first one with purges.

Two are made: one with its SQLite database, one with a dump of its PostgreSQL database. Those in
`tests/archive/database/older_homes` and `older_dumps` were made so, each by the last commit of its revision:

    git worktree add /tmp/then COMMIT && PYTHONPATH=tests .venv/bin/python -m programs.older_home /tmp/then

LIBRARIES is a directory with those of its lock that are not in this environment any more. Never imported by tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path

from services.postgresql import programs, running_server
from web_of_tests.sockets import Server, Wire

DATABASE_TESTS = Path(__file__).parents[1] / "archive" / "database"
HOMES, DUMPS = DATABASE_TESTS / "older_homes", DATABASE_TESTS / "older_dumps"
PURGED, PURGED_DUMPS = DATABASE_TESTS / "older_purges", DATABASE_TESTS / "older_purges" / "dumps"
DUMP = "pressmark.sql"
_QUICK = {"PRESSMARK_SPOOL__BALLAST": "0B", "PRESSMARK_ALLOW__ADDRESSES": '["127.0.0.0/8"]'}
_PAGES = {
    "/": "<title>Kettles</title><h1>Kettles of this year</h1><ul><li><a href='/whistle'>The whistle</a>"
    "<li><a href='/shuihu'>水壶</a></ul>",
    "/whistle": "<html lang=en><title>The whistle</title><article><h1>The whistle</h1>"
    "<p>The kettle of the reading room whistles for the {nth} time this year, and nobody hears it, because the readers "
    "are at the harbour.</p>"
    "<p>The librarian has written a letter to the council, in which she asks for a second kettle.</p></article>",
    "/shuihu": "<html lang=zh><title>水壶</title><article><h1>阅览室的水壶</h1>"
    "<p>阅览室的水壶今年响了很多次，却没有人听见，因为读者都去了港口。</p>"
    "<p>图书管理员给市议会写了一封信，请求再买一个水壶。</p></article>",
}


class Site:
    """Three pages, one of which changes."""

    def __init__(self) -> None:
        self.nth = "third"

    def __call__(self, method: str, target: str, fields: dict[str, str]) -> Wire:
        page = _PAGES.get(target)
        body = page.replace("{nth}", self.nth).encode() if page else b""
        return Wire(200 if page else 404, [("Content-Type", "text/html; charset=utf-8")], body)


def main(checkout: Path, *libraries: Path, purged: bool = False) -> None:
    homes, dumps = (PURGED, PURGED_DUMPS) if purged else (HOMES, DUMPS)
    newest = max(file.name for file in (checkout / "archive/database/migrations/versions").glob("[0-9]*.py"))
    name = f"{newest.partition('_')[0]}.tar.xz"
    postgresql = programs()
    assert postgresql is not None, "PostgreSQL is not installed"
    with tempfile.TemporaryDirectory() as directory:
        python = _python(Path(directory) / "venv", checkout, *libraries)
        home = Path(directory) / "home"
        _crawl(python, home, {}, purged=purged)
        _pack(home, homes / name)
    with (
        tempfile.TemporaryDirectory() as directory,
        running_server(postgresql) as server,
        server.database("TEMPLATE template0") as url,
    ):
        python = _python(Path(directory) / "venv", checkout, *libraries)
        home = Path(directory) / "home"
        _crawl(python, home, {"PRESSMARK_DATABASE": url}, purged=purged)
        dump = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", "--dbname", url]
        (home / DUMP).write_bytes(subprocess.run(dump, check=True, capture_output=True).stdout)
        _pack(home, dumps / name)


def _pack(home: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:xz", preset=9) as tar:
        tar.add(home, "home", filter=_anonymous)
    print(target)


def _python(directory: Path, checkout: Path, *libraries: Path) -> Path:
    """Return an environment with the libraries of this one, and the code of the checkout in all processes."""
    venv.create(directory, symlinks=True)
    purelib = sysconfig.get_path("purelib", "venv", {"base": str(directory), "platbase": str(directory)})
    path = [checkout, *libraries, sysconfig.get_path("purelib")]
    Path(purelib, "checkout.pth").write_text("".join(f"{entry}\n" for entry in path))
    return directory / "bin" / "python"


def _crawl(python: Path, home: Path, settings: Mapping[str, str], *, purged: bool) -> None:
    """Make two runs of a source; between them a page changes."""
    site = Site()
    server = Server(site)
    server.start()
    kettles = (f"http://127.0.0.1:{server.port}/", "--name", "kettles", "--walk", "site", "--every", "1h")
    try:
        _pressmark(python, home, settings, "add", *kettles, "--delay", "0s", "--allow-address", "127.0.0.0/8", "--yes")
        _pressmark(python, home, settings, "run", "kettles")
        site.nth = "fourth"
        _pressmark(python, home, settings, "run", "kettles")
        if purged:
            _purge(python, home, settings, f"http://127.0.0.1:{server.port}")
    finally:
        server.stop()


def _purge(python: Path, home: Path, settings: Mapping[str, str], site: str) -> None:
    """Purge a page, hold another one, and look at what a retention would delete."""
    without_spool = {**settings, "PRESSMARK_SPOOL__GRACE": "0s", "PRESSMARK_RETENTION": '{"default": "3650d"}'}
    _pressmark(python, home, without_spool, "run", "kettles")  # its worker removes the files that the store has
    _pressmark(python, home, without_spool, "hold", "add", f"{site}/whistle", "--reason", "a research project")
    _pressmark(python, home, without_spool, "takedown", "add", f"{site}/shuihu", "--reason", "a court order")
    [one] = json.loads(_pressmark(python, home, without_spool, "takedown", "list", "--json"))["items"]
    token = json.loads(_pressmark(python, home, without_spool, "purge", one["id"], "--json"))["token"]
    _pressmark(python, home, without_spool, "purge", one["id"], "--confirm", token)
    _pressmark(python, home, without_spool, "retention", "default")


def _pressmark(python: Path, home: Path, settings: Mapping[str, str], *arguments: str) -> str:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PRESSMARK_", "PYTHON"))}
    command = [python, "-m", "pressmark", "--home", home, *arguments]
    environment = {**ours, **_QUICK, **settings}
    return subprocess.run(
        command, env=environment, cwd=home.parent, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


def _anonymous(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.uid = file.gid = 0
    file.uname = file.gname = ""
    return file


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--purged"]
    main(*(Path(argument).resolve() for argument in given), purged="--purged" in sys.argv[1:])
