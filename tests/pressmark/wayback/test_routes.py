"""No name of a collection hides a route of ours, and nobody without permission changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import HOME, HTML, PAGE, Retrieving, served
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.values.capture import Context
from config.names import RESERVED, check_collection
from config.settings import Settings
from pressmark.http.hidden.crawlers import NOT_INDEXED
from pressmark.http.place import WEB
from pressmark.http.route_roles import rule_of
from pressmark.http.rules.rule import PUBLIC
from pressmark.processes.app import create_app
from pressmark.service.assembly import open_pressmark

BESIDE = ("crawler", "notes", "subscriptions")
"""Pages and forms of ours that collections may be named like: no address that is read is below them."""


def paths(routes: Iterable[Any]) -> Iterator[str]:
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is not None:
            yield from paths(router.routes)
        else:
            yield route.path


def test_the_first_part_of_every_route_can_not_be_a_name_of_a_collection(archive: Retrieving) -> None:
    parts = {path.split("/")[1] for path in paths(create_app(archive.service).routes)}
    names = {part for part in parts if part and "." not in part}

    assert {"api", "sources", "runs"} <= names
    assert names <= RESERVED | {"c", *BESIDE}  # "c": the short links of records


def test_a_collection_named_c_keeps_its_addresses_beside_the_short_links(archive: Retrieving) -> None:
    assert check_collection("c") == "c"
    assert archive.get("/c/urn:uuid:00000000-0000-0000-0000-000000000000")[0] == 404
    assert b"Collection not found: c" in archive.get("/c/cdx?url=example.org")[2]


@pytest.mark.parametrize("name", BESIDE)
def test_a_collection_keeps_its_addresses_beside_a_page_of_its_name(tmp_path: Path, name: str) -> None:
    described = f"source: press\nseeds: [{HOME}]\nkeep: {{collection: {name}}}\n"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "press.yaml").write_text(described)
    with open_pressmark(Settings(home=tmp_path)) as service:
        assert service.sources.good["press"].keep.collection == name
        segment = SegmentFile(tmp_path, "20260131T120000Z-1-0-abcd")
        segment.write(answered(HOME, PAGE, headers=(HTML,)), context=Context(name, CONTEXT.source, CONTEXT.run))
        at = segment.captures[0].at
        service.index.opened(segment.name, collection=name, worker="w", epoch=1, path=segment.path, at=at)
        service.index.add(segment.captures)
        with served(service) as url:
            home = Retrieving(url, service, segment.captures)

            status, headers, body = home.get(f"/{name}/{at:%Y%m%d%H%M%S}id_/{HOME}")
            assert (status, body) == (200, PAGE)
            assert headers["X-Robots-Tag"] == NOT_INDEXED
            assert HOME in home.text(f"/{name}/cdx?url={HOME}")
    assert rule_of("GET", f"/{name}/cdx").collection(b"") == name


def test_everybody_may_read_and_find_the_page_about_the_crawler(archive: Retrieving) -> None:
    status, headers, body = archive.get("/crawler")

    assert status == 200
    assert "X-Robots-Tag" not in headers
    assert b"User-Agent" in body
    assert rule_of("GET", "/crawler").rule.role is PUBLIC


@pytest.mark.parametrize("name", ["all", WEB, "api", "cdx", "warcs", "save", "Upper", "a/b", "", "-a"])
def test_a_reserved_or_odd_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_collection(name)
    assert check_collection("science-policy") == "science-policy"


@pytest.mark.parametrize("path", ["/runs", "/sources/x", "/api/v1/sources", "/healthz", "/nothing", "/", "/default/"])
def test_other_paths_are_passed_on(archive: Retrieving, path: str) -> None:
    status, headers, _ = archive.get(path)

    assert status in {200, 404}
    assert headers["Content-Type"].startswith(("text/html", "application/json", "application/problem+json"))


def test_a_list_for_people_is_one_of_our_pages(archive: Retrieving) -> None:
    status, headers, _ = archive.get(f"/all/*/{HOME}")

    assert (status, headers["Location"]) == (302, "/captures?url=http%3A%2F%2Fnews.example%2F")
    assert archive.get(headers["Location"])[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_reading_is_possible(archive: Retrieving, method: str) -> None:
    for path in ("/cdx/search/cdx?url=x", f"/all/{HOME}", "/collinfo.json", f"/web/2026id_/{HOME}"):
        assert archive.ask(method, path)[0] in {404, 405}


def test_a_page_of_another_origin_can_not_archive_anything(archive: Retrieving) -> None:
    before = len(archive.service.runs.list())
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert archive.get(f"/save/{HOME}", **headers)[0] == 403
    assert archive.get("/save/ftp://example.org/")[0] == 400

    assert len(archive.service.runs.list()) == before


def test_our_own_page_may_archive_behind_a_proxy_that_speaks_tls(archive: Retrieving) -> None:
    ours = archive.url.replace("http://", "https://")
    assert archive.get("/save/ftp://example.org/", Origin=ours)[0] == 400
    assert archive.get("/save/ftp://example.org/", Origin=ours.replace("127.0.0.1", "127.0.0.2"))[0] == 403
    assert archive.get("/save/ftp://example.org/", Origin="https://[")[0] == 403
