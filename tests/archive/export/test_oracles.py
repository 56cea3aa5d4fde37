"""Other programs, each in its own environment, read our exports and agree with us."""

from __future__ import annotations

import gzip
import json
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from oracles.environment import NotInstalled, environment
from oracles.wayback import PINS, ask, wayback
from specimens.archives import LATER, NEWS, Kept, small_archive
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.export import EXPORTERS, export_to
from archive.index.selection import Selection

FIELD = ("wacz==0.6.0", "cdxj-indexer==1.5.0", "setuptools<81")
TABLES = ("duckdb==2.0.1", "pyarrow==26.0.1")
BAGS = ("bagit==1.9.0", "setuptools<81")


def installed(pytestconfig: pytest.Config, name: str, pins: tuple[str, ...]) -> Path:
    try:
        return environment(pytestconfig.cache.mkdir(name), *pins)
    except NotInstalled as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a directory with one file of each format."""
    directory = tmp_path_factory.mktemp("exported")
    with small_archive(directory / "archive") as kept:
        write_all(kept, directory)
    yield directory


def write_all(kept: Kept, directory: Path, *forms: str) -> None:
    for name in forms or EXPORTERS:
        exporter = EXPORTERS[name]
        export_to(kept.exports, exporter, Selection(), directory / f"out{exporter.suffix}", now=LATER)


def run(*command: str | Path, directory: Path | None = None) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wacz_validates_ours(exported: Path, pytestconfig: pytest.Config) -> None:
    program = installed(pytestconfig, "wacz", FIELD) / "wacz"

    assert "Validation succeeded" in run(program, "validate", "-f", exported / "out.wacz")


def test_wacz_finds_an_error_in_our_package(exported: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The control: the package lists one page more than it has."""
    program = installed(pytestconfig, "wacz", FIELD) / "wacz"
    with zipfile.ZipFile(exported / "out.wacz") as whole, zipfile.ZipFile(tmp_path / "bad.wacz", "w") as bad:
        for name in whole.namelist():
            octets = whole.read(name)
            bad.writestr(name, b"\n".join(octets.splitlines()[:-1]) if name.endswith("pages.jsonl") else octets)

    done = subprocess.run([program, "validate", "-f", tmp_path / "bad.wacz"], check=False, capture_output=True)
    assert done.returncode != 0 or b"succeeded" not in done.stdout


def test_a_wacz_with_a_compressed_index_is_valid_and_equivalent(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    program = installed(pytestconfig, "wacz", FIELD) / "wacz"
    from specimens.archives import empty_archive

    many = SegmentFile(tmp_path)
    for number in range(400):
        many.write(answered(f"https://example.org/n/{number}", b"<p>%d" % number, minute=number))
    with empty_archive(tmp_path / "a") as kept:
        kept.archive.ingest(many.path)
        write_all(kept, tmp_path, "wacz", "warc")

    assert "Validation succeeded" in run(program, "validate", "-f", tmp_path / "out.wacz")
    with zipfile.ZipFile(tmp_path / "out.wacz") as package:
        assert {"indexes/index.idx", "indexes/index.cdx.gz"} <= set(package.namelist())
        index = package.read("indexes/index.idx").decode().splitlines()
    assert len(index) == 1 + 2
    assert index[1].startswith(f"org,example)/n/0 {NOON:%Y%m%d%H%M%S} ")
    assert (
        index[2].split(" ")[1]
        == f"{NOON + timedelta(minutes=int(index[2].split(' ')[0].rpartition('/')[2])):%Y%m%d%H%M%S}"
    )


def test_the_index_in_a_wacz_equals_that_of_cdxj_indexer(
    exported: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    program = installed(pytestconfig, "wacz", FIELD) / "cdxj-indexer"
    with zipfile.ZipFile(exported / "out.wacz") as package:
        (tmp_path / "data.warc.gz").write_bytes(package.read("archive/data.warc.gz"))
        ours = index_of(gzip.decompress(package.read("indexes/index.cdx.gz")).decode())

    theirs = index_of(run(program, "-s", tmp_path / "data.warc.gz"))

    assert all(fields.pop("recordDigest").startswith("sha256:") for _, fields in ours)
    assert ours == [(key, fields) for key, fields in theirs if fields["status"] != "304"]
    assert len(ours) == 6


def index_of(cdxj: str) -> list[tuple[str, dict[str, str]]]:
    lines = (line.split(" ", 2) for line in cdxj.splitlines())
    return [(f"{key} {at}", json.loads(fields)) for key, at, fields in lines]


def test_warcio_and_gzip_accept_our_warcs(exported: Path, pytestconfig: pytest.Config) -> None:
    program = installed(pytestconfig, "wacz", FIELD) / "warcio"

    for name in ("out.warc.gz", "out.warc.wet.gz", "out.warc.wat.gz"):
        run(program, "check", exported / name)
        run("gzip", "-t", exported / name)


def test_a_table_opens_in_duckdb_and_in_pyarrow(exported: Path, pytestconfig: pytest.Config) -> None:
    python = installed(pytestconfig, "tables", TABLES) / "python"
    query = (
        "import duckdb, json, pyarrow.parquet as p\n"
        "rows = duckdb.sql(\"SELECT url, epoch(captured_at), status, kind, title, text, warc_offset FROM 'out.parquet'"
        ' ORDER BY captured_at").fetchall()\n'
        "print(json.dumps([rows, p.read_table('out.parquet').num_rows]))"
    )
    rows, count = json.loads(run(python, "-c", query, directory=exported))

    with (exported / "out.jsonl").open() as lines:
        ours = sorted(map(json.loads, lines), key=lambda row: str(row["captured_at"]))
    assert count == len(rows) == 7
    assert [row[0] for row in rows] == [row["url"] for row in ours]
    assert [row[3:] for row in rows] == [[row[k] for k in ("kind", "title", "text", "warc_offset")] for row in ours]
    assert rows[0][1] == NOON.timestamp()


def test_a_bag_is_valid_for_the_tool_of_the_library_of_congress(
    exported: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    python = installed(pytestconfig, "bagit", BAGS) / "python"
    with zipfile.ZipFile(exported / "out.bag.zip") as package:
        package.extractall(tmp_path)
    [bag] = tmp_path.iterdir()
    check = "import bagit, sys; print(bagit.Bag(sys.argv[1]).is_valid())"

    assert run(python, "-c", check, bag) == "True\n"
    (bag / "data" / "index.cdxj").write_bytes((bag / "data" / "index.cdxj").read_bytes()[:-1] + b"!")
    assert run(python, "-c", check, bag) == "False\n"


ASKED = """
import json, sys
from pywb.warcserver.index.query import CDXQuery
from pywb.warcserver.index.zipnum import ZipNumIndexSource

asked = {"url": "https://example.org/", "matchType": "host"}
CDXQuery(asked)  # adds the range of keys
index = ZipNumIndexSource("cluster.idx", {"loc": "cluster.loc"})
print(json.dumps([str(line).rstrip() for line in index.load_index(asked)]))
"""


def test_pywb_finds_the_captures_of_a_host_in_a_zipnum(
    exported: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    python = installed(pytestconfig, "pywb", PINS) / "python"
    with zipfile.ZipFile(exported / "out.zipnum.zip") as package:
        package.extractall(tmp_path)

    found = json.loads(run(python, "-c", ASKED, directory=tmp_path))

    ours = (exported / "out.cdxj").read_text().splitlines()
    assert found == [line for line in ours if line.startswith("org,example)")]
    assert len(found) == 5


def test_pywb_shows_a_page_of_our_wacz(exported: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    programs = installed(pytestconfig, "pywb", PINS)
    run(programs / "wb-manager", "init", "kept", directory=tmp_path)
    run(programs / "wb-manager", "add", "--unpack-wacz", "kept", exported / "out.wacz", directory=tmp_path)

    with wayback(programs, tmp_path) as port:
        status, _, body = ask(port, f"/kept/20260131120000id_/{NEWS}")

    assert (status, body[:32]) == (200, b"<title>A new telescope</title><a")
