"""WARC files by range, from the spool and from the store, and only WARC files of the archive."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from services.retrieving import HOME, PAGE, Retrieving, retrieving
from specimens.manifests import manifest_of

from pressmark.http.route_roles import rule_of

NAME = "20260131T120000Z-1-0-abcd.warc.gz"
PATH = f"/warcs/{NAME}"


def octets(archive: Retrieving) -> bytes:
    row = archive.service.index.segment(NAME.removesuffix(".warc.gz"))
    assert row
    assert row.path
    return Path(row.path).read_bytes()


def test_a_file_is_sent_whole_or_in_part(archive: Retrieving) -> None:
    whole, first = octets(archive), archive.captures[0].location
    last = first.offset + first.length - 1
    part = archive.get(PATH, Range=f"bytes={first.offset}-{last}")
    head = archive.ask("HEAD", PATH)

    assert archive.get(PATH)[2] == whole
    assert (head[0], head[1]["Content-Length"], head[2]) == (200, str(len(whole)), b"")
    assert head[1]["Accept-Ranges"] == "bytes"
    assert (part[0], part[1]["Content-Range"]) == (206, f"bytes {first.offset}-{last}/{len(whole)}")
    assert part[2] == whole[first.offset : last + 1]
    assert gzip.decompress(part[2]).startswith(b"WARC/1.1\r\n")
    assert archive.get(PATH, Range="bytes=-5")[2] == whole[-5:]
    assert archive.get(PATH, Range="bytes=0-0,5-9")[::2] == (200, whole), "several ranges at once are answered with all"
    assert archive.get(PATH, Range=f"bytes={len(whole)}-")[0] == 416


@pytest.mark.parametrize(
    "name",
    [
        "nothing.warc.gz",
        "20260131T120000Z-1-0-abcd",
        "pressmark.db",
        "../pressmark.db",
        "..%2fpressmark.db",
        "%2e%2e/pressmark.db",
        "/etc/passwd",
        "%2fetc%2fpasswd%00.warc.gz",
        f"./{NAME}",
        f"../warcs/{NAME}",
    ],
)
def test_no_other_file_is_sent(archive: Retrieving, name: str) -> None:
    assert (archive.service.settings.home / "pressmark.db").exists()
    assert archive.get(f"/warcs/{name}")[0] == 404


def test_a_page_of_the_replay_s_origin_may_read_here_and_no_other(archive: Retrieving) -> None:
    origin = "http://replay.example:8601"
    ours, theirs = archive.get(PATH, Origin=origin), archive.get(PATH, Origin="http://evil.example")
    wish = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "range"}
    asked, refused = (archive.ask("OPTIONS", PATH, Origin=one, **wish) for one in (origin, "http://evil.example"))

    assert ours[1]["Access-Control-Allow-Origin"] == origin
    assert "Content-Range" in ours[1]["Access-Control-Expose-Headers"]
    assert ours[1]["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert theirs[1]["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in theirs[1]
    assert ours[1]["Vary"] == theirs[1]["Vary"] == "Origin"
    assert (asked[0], asked[1]["Access-Control-Allow-Origin"]) == (204, origin)
    assert "range" in asked[1]["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in refused[1]


def test_only_the_preflight_request_needs_no_token(tmp_path: Path) -> None:
    basic = "Basic eDphIHRva2VuIG9mIHNvbWUgbGVuZ3Ro"  # x:a token of some length
    with retrieving(tmp_path, token="a token of some length", warc_origin="http://replay.example") as archive:
        assert archive.ask("OPTIONS", PATH, Origin="http://replay.example")[0] == 204
        for path in (PATH, f"/cdx/search/cdx?url={HOME}", f"/all/{HOME}", f"/web/2026id_/{HOME}"):
            assert rule_of("OPTIONS", path).rule.role is None or archive.ask("OPTIONS", path)[0] == 401
            assert archive.get(path)[0] == 401
            assert archive.get(path, Authorization="Basic eDp3cm9uZw==")[0] == 401
            assert archive.get(path, Authorization="Basic moon")[0] == 401
            assert archive.get(path, Authorization=basic)[0] in {200, 302}


def test_a_segment_in_the_store_is_read_there(tmp_path: Path) -> None:
    with retrieving(tmp_path) as archive:
        whole = octets(archive)
        manifest = manifest_of(NAME.removesuffix(".warc.gz"), content=whole)
        path = Path(archive.service.index.segments()[0].path or "")
        with path.open("rb") as file:
            archive.service.store.put(manifest.warc.key, file, manifest.warc.sha256)
        archive.service.index.commit(manifest, archive.captures, [])
        path.unlink()
        found = archive.get(PATH, Range="bytes=5-99")
        etag = found[1]["ETag"]

        assert (found[0], found[2]) == (206, whole[5:100])
        assert etag == f'"{manifest.warc.sha256}"'
        assert archive.get(PATH)[2] == whole
        assert archive.get(PATH, If_None_Match=etag)[0] == 304
        assert archive.get(PATH, Range="bytes=5-99", If_Range='"other"')[0] == 200
        assert archive.get(f"/web/20260131130000id_/{HOME}")[2] == PAGE
