"""Exports by the command line and over HTTP."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys.household import QUICK, Household, Served
from specimens import foreign
from specimens.archives import NEWS, SEGMENTS
from specimens.keys import new_p384

from archive.export import EXPORTERS
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    made = Household(tmp_path_factory.mktemp("exporting") / "home", QUICK | database_of_module)
    key = new_p384(made.home.with_name("wacz.pem"))
    with open_pressmark(load_settings({"home": made.home})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    (made.home / "pressmark.yaml").write_text(f"signing: {{wacz_key_file: {key}}}\n")
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as service:
        yield service


@pytest.mark.parametrize("form", EXPORTERS)
def test_each_format_is_written_and_reported_as_json(household: Household, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"out{EXPORTERS[form].suffix}"

    told = household.look("export", form, "-o", str(target), "--source", "example", "--until", "2026-01", "--json").json

    assert (told["captures"], told["originals"], told["missing"], told["left_out"]) == (4, 0, 0, [])
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (told["file"], told["format"], told["octets"]) == (str(target), form, target.stat().st_size)


def test_a_file_is_replaced_only_by_force(household: Household, tmp_path: Path) -> None:
    target = str(tmp_path / "out.jsonl")
    household.look("export", "jsonl", "-o", target)

    refused = household.look("export", "jsonl", "-o", target, code=2)
    assert f"the file {target} already exists" in refused.err
    told = household.look("export", "jsonl", "-o", target, "--force", "--url", "https://example.org/news").out
    assert f"{target}: 3 captures," in told


def test_an_impossible_export_is_reported(household: Household, tmp_path: Path) -> None:
    assert "use one of these: wacz, warc," in household.look("export", "pdf", "-o", str(tmp_path / "x"), code=2).err
    assert (
        "invalid time 'soon'"
        in household.look("export", "warc", "-o", str(tmp_path / "x"), "--since", "soon", code=2).err
    )
    for option, told in (
        ("--source", "no source named 'nobody'"),
        ("--collection", "no collection named 'nobody'"),
    ):
        assert told in household.look("export", "warc", "-o", str(tmp_path / "x"), option, "nobody", code=5).err
    assert list(tmp_path.iterdir()) == []
    everything = household.look("export", "jsonl", "-o", str(tmp_path / "x"), "--collection", "all", "--json").json
    assert everything["captures"] > 0


@pytest.mark.parametrize(
    ("options", "query", "captures"),
    [
        (("--type", "text/html", "--latest"), "type=text/html&latest=true", 3),
        (("--type", "image/*"), "type=image/*", 1),
        (("--with-text",), "with_text=true", 0),
        (("--language", "zh", "--posts"), "language=zh&posts=true", 0),
        (("--source", "example", "--compress", "zst"), "source=example&compress=zst", 6),
    ],
)
def test_the_command_and_the_api_select_the_same_by_the_same_names(
    household: Household, served: Served, tmp_path: Path, options: tuple[str, ...], query: str, captures: int
) -> None:
    target = tmp_path / "out.jsonl"

    told = household.look("export", "jsonl", "-o", str(target), *options, "--json").json
    answer = served.get(f"/api/v1/exports/jsonl?{query}")
    assert (answer.status, answer.body) == (200, target.read_bytes())
    assert told["captures"] == captures


def test_a_file_that_ends_in_zst_or_gz_is_compressed(household: Household, tmp_path: Path) -> None:
    for name in ("out.jsonl.zst", "out.cdxj.gz"):
        household.look("export", name.split(".")[1], "-o", str(tmp_path / name))

    assert (tmp_path / "out.jsonl.zst").read_bytes()[:4] == b"\x28\xb5\x2f\xfd"
    assert gzip.decompress((tmp_path / "out.cdxj.gz").read_bytes()).startswith(b"net,example,forum)/")


@pytest.mark.parametrize(
    ("form", "options", "told"),
    [
        ("warc", ("--posts",), "posts can't be exported as warc, only as jsonl or parquet"),
        ("parquet", ("--compress", "gz"), "the format parquet can't be compressed, only jsonl or cdxj"),
        ("jsonl", ("--type", "html"), "invalid media type 'html': write it like text/html"),
    ],
)
def test_options_that_a_format_does_not_have_are_refused(
    household: Household, tmp_path: Path, form: str, options: tuple[str, ...], told: str
) -> None:
    assert told in household.look("export", form, "-o", str(tmp_path / "x"), *options, code=2).err
    assert list(tmp_path.iterdir()) == []


def test_stdout_is_a_file_too(household: Household) -> None:
    lines = household.run("export", "jsonl", "-o", "-", "--source", "forum").out.splitlines()

    assert [json.loads(line)["source"] for line in lines] == ["forum"]


def test_the_api_streams_what_the_command_writes(household: Household, served: Served, tmp_path: Path) -> None:
    for form in ("jsonl", "cdxj", "parquet"):  # the others contain their date
        target = tmp_path / f"out{EXPORTERS[form].suffix}"
        household.look("export", form, "-o", str(target), "--url", NEWS)
        answer = served.get(f"/api/v1/exports/{form}?url={NEWS}")
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, EXPORTERS[form].media_type)
        assert answer.body == target.read_bytes()
    answer = served.get("/api/v1/exports/wacz?since=20260201")
    assert answer.headers["content-disposition"].startswith('attachment; filename="pressmark-')
    (tmp_path / "streamed.wacz").write_bytes(answer.body)
    assert list(EXPORTERS["wacz"].verify(tmp_path / "streamed.wacz")) == []
    assert zipfile.is_zipfile(tmp_path / "streamed.wacz")


def test_a_wacz_is_signed_by_the_command_and_over_http(household: Household, served: Served, tmp_path: Path) -> None:
    household.look("export", "wacz", "-o", str(tmp_path / "command.wacz"), "--sign")
    (tmp_path / "http.wacz").write_bytes(served.get("/api/v1/exports/wacz?sign=true").body)
    keys = set()
    for name in ("command.wacz", "http.wacz"):
        household.look("verify", str(tmp_path / name))
        with zipfile.ZipFile(tmp_path / name) as package:
            keys.add(json.loads(package.read("datapackage-digest.json"))["signedData"]["publicKey"])

    assert len(keys) == 1
    assert keys.pop() in household.look("doctor").out.replace("\n", "")
    assert "can't be signed" in household.look("export", "warc", "-o", str(tmp_path / "x"), "--sign", code=2).err
    assert served.get("/api/v1/exports/warc?sign=true").status == 422


def test_a_wacz_with_a_flipped_byte_fails_verification(household: Household, tmp_path: Path) -> None:
    target = tmp_path / "out.wacz"
    household.look("export", "wacz", "-o", str(target), "--sign")
    octets = bytearray(target.read_bytes())
    octets[200] ^= 1
    target.write_bytes(octets)

    assert ": 1 problem\n" in household.look("verify", str(target), code=10).out


def test_the_api_refuses_unknown_parameters(served: Served) -> None:
    assert served.get("/api/v1/exports/pdf").status == 422
    assert served.get("/api/v1/exports/warc?since=soon").status == 422
    assert served.get("/api/v1/exports/warc?posts=true").status == 422
    assert served.get("/api/v1/exports/jsonl?type=html").status == 422
    assert served.get("/api/v1/exports/warc?source=nobody").status == 404
    assert served.get("/api/v1/exports/warc?collection=nobody").status == 404


def test_a_wacz_of_ours_is_imported_by_another_home_with_its_texts(household: Household, tmp_path: Path) -> None:
    target, other = tmp_path / "out.wacz", Household(tmp_path / "other")
    household.look("export", "wacz", "-o", str(target))

    told = other.run("ingest", str(target), "--json").json

    [item] = told["items"]
    assert (item["name"], item["captures"], item["again"]) == ("out.wacz:archive/data.warc.gz", 7, False)
    assert other.look("captures", NEWS, "--json").json["items"][-1]["timestamp"] == "20260131120000"
    assert other.look("snapshot", "get", NEWS, "--json").json["text"]["title"] == "A new telescope"
    assert "imported before" in other.look("ingest", str(target)).out
    assert not other.look("verify", "--all", "--json").json["findings"]


def test_rejected_records_are_reported_and_end_with_3(household: Household, tmp_path: Path) -> None:
    (tmp_path / "torn.warc.gz").write_bytes(foreign.by_record()[:-60])
    (tmp_path / "page.html").write_bytes(b"<html>")

    ended = household.look("ingest", str(tmp_path / "torn.warc.gz"), "--collection", "found", code=3)
    assert "torn.warc.gz: 2 captures, converted, 2 records rejected" in ended.out
    assert "is truncated by the end of the file" in ended.err
    ended = household.look("ingest", str(tmp_path / "page.html"), "--json", code=1)
    assert ended.json["items"][0]["refused"] == [
        {"offset": 0, "why": "its first bytes are not those of a WARC, ARC or WACZ"}
    ]
    assert "file not found" in household.look("ingest", str(tmp_path / "nothing"), code=5).err


def test_a_missing_directory_is_named_and_not_created(household: Household, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "out.jsonl"
    told = household.look("export", "jsonl", "-o", str(target), code=1).err

    assert f"error: {target.parent}: No such file or directory" in told
    assert not target.parent.exists()
