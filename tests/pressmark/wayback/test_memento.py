"""Memento (RFC 7089): TimeGates, TimeMaps, and the header fields of mementos."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.retrieving import ARTICLE, ELSEWHERE, GONE, HOME, MOVED, Retrieving, served
from specimens.captures import NOON, capture_of

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

NOON_THEN = "Sat, 31 Jan 2026 12:00:00 GMT"


def links(header: str) -> list[tuple[str, str]]:
    """Return the targets of a Link header or of a TimeMap, and their relations."""
    return re.findall(r'<([^>]*)>; rel="([^"]*)"', header)


@pytest.mark.parametrize("place", ["all", "web", "default"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_timegate_leads_to_the_memento_nearest_to_a_time(archive: Retrieving, place: str, method: str) -> None:
    gate = f"/{place}/{HOME}"
    status, headers, body = archive.ask(method, gate, Accept_Datetime="Sat, 31 Jan 2026 13:20:00 GMT")

    assert (status, body) == (302, b"")
    assert headers["Location"] == f"{archive.url}/{place}/20260131130000/{HOME}"
    assert "accept-datetime" in headers["Vary"]
    assert "Memento-Datetime" not in headers
    assert links(headers["Link"]) == [
        (HOME, "original"),
        (f"{archive.url}{gate}", "timegate"),
        (f"{archive.url}/{place}/timemap/link/{HOME}", "timemap"),
        (f"{archive.url}/{place}/20260131120000/{HOME}", "first prev memento"),
        (f"{archive.url}/{place}/20260131130000/{HOME}", "memento"),
        (f"{archive.url}/{place}/20260131140000/{HOME}", "next memento"),
        (f"{archive.url}/{place}/20260131150000/{HOME}", "last memento"),
    ]


def test_a_leap_second_is_a_time(archive: Retrieving) -> None:
    found = archive.get(f"/all/{HOME}", Accept_Datetime="Sat, 31 Jan 2026 12:59:60 GMT")

    assert (found[0], found[1]["Location"]) == (302, f"{archive.url}/all/20260131130000/{HOME}")


def test_a_timegate_without_a_time_leads_to_the_newest(archive: Retrieving) -> None:
    assert archive.get(f"/all/{HOME}")[1]["Location"] == f"{archive.url}/all/20260131150000/{HOME}"


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026", "Sat, 31 Jan 2026 12:00:00", "Sat, 99 Jan 2026 12:00:00 GMT", ""]
)
def test_an_invalid_accept_datetime_is_400_and_names_the_original(archive: Retrieving, wrong: str) -> None:
    status, headers, _ = archive.get(f"/all/{HOME}", Accept_Datetime=wrong)

    assert status == 400
    assert (HOME, "original") in links(headers["Link"])
    assert "accept-datetime" in headers["Vary"]


def test_a_url_without_captures_is_404_and_not_a_memento(archive: Retrieving) -> None:
    gate = archive.get("/all/http://other.example/")
    memento = archive.get("/web/2026id_/http://other.example/")

    assert (gate[0], memento[0]) == (404, 404)
    assert "accept-datetime" in gate[1]["Vary"]
    assert "Memento-Datetime" not in gate[1]
    assert "Memento-Datetime" not in memento[1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"20260131120000id_/{HOME}", 200),
        (f"20260131130000id_/{HOME}", 200),
        (f"20260131140000id_/{HOME}", 200),
        (f"20260131120200id_/{MOVED}", 302),
        (f"20260131120300id_/{GONE}", 404),
    ],
)
def test_a_memento_is_labelled_as_one_whatever_its_status(archive: Retrieving, path: str, status: int) -> None:
    found = archive.get(f"/all/{path}")

    assert found[0] == status
    assert found[1]["Memento-Datetime"].startswith("Sat, 31 Jan 2026 1")
    assert [rel for _, rel in links(found[1]["Link"])] == ["original", "timegate", "timemap", "memento"]


def test_another_time_leads_to_the_second_of_the_nearest_memento(archive: Retrieving) -> None:
    for asked, leads in {
        f"2026id_/{HOME}": f"20260131150000id_/{HOME}",
        f"id_/{HOME}": f"20260131150000id_/{HOME}",
        f"20260131120001id_/{HOME}": f"20260131120000id_/{HOME}",
        "20260131120000id_/news.example": f"20260131120000id_/{HOME}",
        "20260131120000id_/https://www.NEWS.example:443/?": f"20260131120000id_/{HOME}",
    }.items():
        status, headers, _ = archive.get(f"/web/{asked}")
        if status == 302:
            assert headers["Location"] == f"{archive.url}/web/{leads}"
            assert "Memento-Datetime" not in headers
        else:
            assert (status, headers["Memento-Datetime"]) == (200, NOON_THEN)
            assert (HOME, "original") in links(headers["Link"])


@pytest.mark.parametrize("url", [ARTICLE, ARTICLE.replace("http:", "http%3A"), "news.example/a?id=1&x=y"])
def test_a_url_may_be_unchanged_or_percent_encoded_or_without_its_scheme(archive: Retrieving, url: str) -> None:
    status, headers, _ = archive.get(f"/all/20260131120100id_/{url}")

    assert (status, headers["Memento-Datetime"]) == (200, "Sat, 31 Jan 2026 12:01:00 GMT")


def test_a_collection_has_its_own_mementos(archive: Retrieving) -> None:
    assert archive.get(f"/harbour/20260131120500id_/{ELSEWHERE}")[0] == 200
    assert archive.get(f"/default/20260131120500id_/{ELSEWHERE}")[0] == 404
    assert archive.get(f"/harbour/{HOME}")[0] == 404


def test_prefer_chooses_the_view(archive: Retrieving) -> None:
    gate = archive.get(f"/all/{HOME}", Prefer="raw")
    memento = archive.get(f"/all/20260131120000/{HOME}", Prefer="raw")

    assert (gate[0], gate[1]["Preference-Applied"]) == (302, "raw")
    assert gate[1]["Location"] == f"{archive.url}/all/20260131150000id_/{HOME}"
    assert gate[1]["Vary"] == "accept-datetime, Prefer"
    assert (memento[0], memento[1]["Vary"]) == (302, "Prefer")
    assert memento[1]["Location"] == f"{archive.url}/all/20260131120000id_/{HOME}"


@pytest.mark.parametrize("preference", ["moonlight", "banner-only", "safe", 'note="a, raw, b"', ",", ""])
def test_an_unknown_preference_is_ignored(archive: Retrieving, preference: str) -> None:
    gate, plain = (archive.get(f"/all/{HOME}", **asked) for asked in ({"Prefer": preference}, {}))
    memento = archive.get(f"/all/20260131120000/{HOME}", Prefer=preference, Accept="text/html")

    assert (gate[0], gate[1]["Location"], gate[1]["Vary"]) == (302, plain[1]["Location"], "accept-datetime, Prefer")
    assert (memento[0], memento[1]["Location"].endswith(f"/20260131120000mp_/{HOME}")) == (302, True)
    assert "Preference-Applied" not in (*gate[1], *memento[1])


def test_a_known_preference_is_found_among_others(archive: Retrieving) -> None:
    gate = archive.get(f"/all/{HOME}", Prefer="respond-async, banner-only, Raw; foo, rewritten")

    assert (gate[0], gate[1]["Preference-Applied"]) == (302, "raw")


def test_an_unknown_view_is_reported_and_is_not_a_memento(archive: Retrieving) -> None:
    unknown = archive.get(f"/all/20260131120000zz_/{HOME}")
    odd = archive.get(f"/all/20269999000000id_/{HOME}")

    assert (unknown[0], odd[0]) == (404, 400)
    assert "Memento-Datetime" not in unknown[1]


def test_a_timemap_lists_every_memento(archive: Retrieving) -> None:
    status, headers, body = archive.get(f"/all/timemap/link/{HOME}")
    lines = body.decode().splitlines()

    assert (status, headers["Content-Type"]) == (200, "application/link-format")
    assert [rel for _, rel in links(body.decode())] == ["self", "timegate", "original", *["memento"] * 4]
    assert f'from="{NOON_THEN}"; until="Sat, 31 Jan 2026 15:00:00 GMT"' in lines[0]
    assert f'<{archive.url}/all/20260131120000/{HOME}>; rel="memento"; datetime="{NOON_THEN}"' in lines[3]
    assert all(line.endswith(",") for line in lines[:-1])
    assert not lines[-1].endswith(",")


def test_a_timemap_has_other_forms(archive: Retrieving) -> None:
    kinds = {kind: archive.get(f"/all/timemap/{kind}/{ARTICLE}") for kind in ("json", "cdxj", "text")}

    assert {kind: found[1]["Content-Type"] for kind, found in kinds.items()} == {
        "json": "text/x-ndjson",
        "cdxj": "text/x-cdxj",
        "text": "text/plain",
    }
    assert all(b"example,news)/a?id=1&x=y" in found[2] for found in kinds.values())
    assert archive.text(f"/web/timemap/json?url={HOME}").startswith('[["urlkey", "timestamp", "original"')
    assert archive.get(f"/web/timemap/moon/{HOME}")[0] == 404
    assert archive.get("/all/timemap/link/http://other.example/")[0] == 404


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    """A page with 2,500 mementos."""
    home = tmp_path_factory.mktemp("crowded")
    with open_pressmark(Settings(home=home)) as service:
        captures = [capture_of(HOME, minute=number, number=number) for number in range(2500)]
        name = captures[0].location.segment
        service.index.opened(name, collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=NOON)
        service.index.add(captures)
        with served(service) as url:
            yield Retrieving(url, service, captures)


def test_a_timemap_of_more_than_a_thousand_is_split_into_linked_pages(crowded: Retrieving) -> None:
    seen, page = [], f"/all/timemap/link/{HOME}"
    while page:
        found = links(crowded.text(page))
        seen += [target for target, rel in found if rel == "memento"]
        beside = [target.removeprefix(crowded.url) for target, rel in found if rel == "timemap"]
        assert (f"{crowded.url}{page}", "self") in found
        page = next((target for target in beside if f"/{len(seen) // 1000 + 1}/" in target), "")

    assert len(seen) == len(set(seen)) == 2500
    assert crowded.get(f"/all/timemap/link/4/{HOME}")[0] == 404
    assert crowded.get(f"/all/timemap/link/0/{HOME}")[0] == 404
