"""No name of a collection hides a route of ours, and nobody without permission changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from services.retrieving import HOME, Retrieving

from config.names import RESERVED, check_collection
from pressmark.http.place import WEB
from pressmark.processes.app import create_app


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
    assert names <= RESERVED | {"c"}  # the short links of records, below


def test_a_collection_named_c_keeps_its_addresses_beside_the_short_links(archive: Retrieving) -> None:
    assert check_collection("c") == "c"
    assert archive.get("/c/urn:uuid:00000000-0000-0000-0000-000000000000")[0] == 404
    assert b"Collection not found: c" in archive.get("/c/cdx?url=example.org")[2]


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
