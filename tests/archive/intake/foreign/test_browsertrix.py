"""Files of Browsertrix: its WARC library and the WACZ packers, run as processes."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from oracles.answers import answers_in
from oracles.environment import NotInstalled, environment, node_packages
from specimens.archives import Kept, empty_archive
from specimens.crawled import check, served, taken

from archive.intake.foreign.import_file import import_file

KEEPER = Path(__file__).parents[3] / "specimens" / "browsertrix.mjs"
PAGES = ("/", "/a", "/chunked", "/gone", "/", "/chunked")
ANSWERS = 6
"""In addition, each page has a resource record with its page state."""
NODE = ("warcio@2.4.11", "@harvard-lil/js-wacz@0.1.6")


@pytest.fixture(scope="module")
def node(pytestconfig: pytest.Config) -> Path:
    """Provide a directory with the needed npm packages."""
    if shutil.which("node") is None:
        pytest.skip("there is no node")
    try:
        return node_packages(pytestconfig.cache.mkdir("browsertrix"), *NODE)
    except NotInstalled as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with empty_archive(tmp_path / "archive") as kept:
        yield kept


@pytest.fixture
def warc(node: Path, site: str, tmp_path: Path) -> Path:
    path = tmp_path / "rec-0.warc.gz"
    run("node", KEEPER, site, path, *PAGES, directory=node)
    return path


def run(*command: str | Path, directory: Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_warc_of_browsertrix_is_ingested(kept: Kept, site: str, warc: Path) -> None:
    """Its digests are SHA-256, and revisits give the original's time to the millisecond."""
    one = taken(kept, warc)

    assert (one.captures, one.refused, one.converted) == (ANSWERS + len(PAGES), (), False)
    [info, *_] = kept.archive.captures(f"urn:pageinfo:{site}/")
    assert (info.kind, info.mime) == ("resource", "application/json")
    assert Counter(answer.kind for answer in answers_in(warc)) == {"response": 4, "revisit": 2}
    check(kept, site, warc)


def test_a_wacz_of_js_wacz_is_ingested(kept: Kept, site: str, warc: Path, node: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.wacz"
    run(node / "node_modules" / ".bin" / "js-wacz", "create", "-f", warc, "-o", packed, directory=tmp_path)

    check_package(kept, site, packed, warc)


def test_a_wacz_of_py_wacz_is_ingested(
    kept: Kept, site: str, warc: Path, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    try:
        pins = ("wacz==0.6.0", "cdxj-indexer==1.5.0", "setuptools<81")
        programs = environment(pytestconfig.cache.mkdir("wacz"), *pins)
    except NotInstalled as error:
        pytest.skip(str(error))
    packed = tmp_path / "packed.wacz"
    run(programs / "wacz", "create", "-o", packed, warc, directory=tmp_path)

    check_package(kept, site, packed, warc)


def check_package(kept: Kept, site: str, packed: Path, warc: Path) -> None:
    with zipfile.ZipFile(packed) as package:
        assert f"archive/{warc.name}" in package.namelist()

    [one] = import_file(packed, "default", kept.archive.ingest, kept.index)

    assert (one.captures, one.refused, one.converted) == (ANSWERS + len(PAGES), (), False)
    check(kept, site, warc)
