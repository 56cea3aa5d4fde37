"""pywb's dialect of CDX, form by form."""

from __future__ import annotations

import json

import pytest
from services.retrieving import ELSEWHERE, HOME, Retrieving

CDX = "/all/cdx"


def rows(archive: Retrieving, query: str, collection: str = "all") -> list[dict[str, str]]:
    return [json.loads(line) for line in archive.text(f"/{collection}/cdx?{query}&output=json").splitlines()]


def test_all_values_of_a_row_are_text(archive: Retrieving) -> None:
    first = archive.captures[0]
    status, headers, body = archive.get(f"{CDX}?url={HOME}&output=json&limit=1")

    assert (status, headers["Content-Type"]) == (200, "text/x-ndjson")
    assert json.loads(body) == {
        "urlkey": "example,news)/",
        "timestamp": "20260131120000",
        "url": HOME,
        "mime": "text/html",
        "status": "200",
        "digest": first.digest,
        "length": str(first.location.length),
        "offset": str(first.location.offset),
        "filename": f"{first.location.segment}.warc.gz",
        "source": "example",
        "source-coll": "default",
        "access": "allow",
    }


def test_cdxj_is_the_default_form(archive: Retrieving) -> None:
    _, headers, body = archive.get(f"{CDX}?url={HOME}&closest=&limit=1")
    key, timestamp, fields = body.decode().split(" ", 2)

    assert headers["Content-Type"] == "text/x-cdxj"
    assert (key, timestamp) == ("example,news)/", "20260131120000")
    assert {"urlkey": key, "timestamp": timestamp, **json.loads(fields)} == rows(archive, f"url={HOME}")[0]


def test_each_form_of_an_answer(archive: Retrieving) -> None:
    text = archive.get(f"{CDX}?url={HOME}&output=text&fl=urlkey,timestamp,moon,statuscode&limit=1")
    link = archive.get(f"{CDX}?url={HOME}&output=link&limit=2")

    assert (text[1]["Content-Type"], text[2]) == ("text/plain", b"example,news)/ 20260131120000 - -\n")
    assert link[1]["Content-Type"] == "application/link-format"
    assert link[2].decode().splitlines()[0].startswith(f'<{archive.url}/all/20260131120000/{HOME}>; rel="memento"')
    assert list(rows(archive, f"url={HOME}&fields=mime,url,moon")[0]) == ["mime", "url"]
    assert archive.text(f"{CDX}?url={HOME}&fl=mime&limit=1") == 'example,news)/ 20260131120000 {"mime": "text/html"}\n'


def test_captures_that_replay_as_a_blank_page_elsewhere_are_left_out(archive: Retrieving) -> None:
    assert [row["timestamp"][8:10] for row in rows(archive, f"url={HOME}")] == ["12", "13", "15"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("url=*.news.example", 8),
        ("url=news.example/*", 7),
        ("url=news.example&matchType=host", 7),
        (f"url={HOME}&from=2026013113&to=2026013114", 1),
        ("url=*.news.example&filter=mime:html", 5),
        ("url=*.news.example&filter=!status:404", 7),
        ("url=*.news.example&filter==status:20", 0),
        ("url=*.news.example&filter=~statuscode:[34]", 2),
        ("url=*.news.example&filter=~mimetype:text&filter=!=status:404", 4),
        (f"url={HOME}&collapseTime=8", 1),
        (f"url={HOME}&collapseTime=10", 3),
        (f"url={HOME}&sort=reverse&limit=2", 2),
        (f"url={HOME}&allowFuzzy=0&gzip=false", 3),
        ("url=*.news.example&page=0&pageSize=1", 8),
    ],
)
def test_each_parameter_selects_its_rows(archive: Retrieving, query: str, count: int) -> None:
    assert len(rows(archive, query) if count else []) == count
    assert count or archive.get(f"{CDX}?{query}")[0] == 404


def test_the_closest_come_first(archive: Retrieving) -> None:
    query = "url=http%3A//news.example/&closest=20260131125959&sort=closest&limit=100&matchType=exact"

    assert [row["timestamp"][8:10] for row in rows(archive, query)] == ["13", "12", "15"]


def test_a_collection_has_its_own_rows(archive: Retrieving) -> None:
    assert [row["url"] for row in rows(archive, "url=*.news.example", "harbour")] == [ELSEWHERE]
    assert ELSEWHERE not in {row["url"] for row in rows(archive, "url=*.news.example", "default")}


def test_revisits_are_resolved(archive: Retrieving) -> None:
    first, found = archive.captures[0].location, rows(archive, f"url={HOME}&resolveRevisits=true")

    assert [row["orig.offset"] for row in found] == ["-", str(first.offset), "-"]
    assert (found[1]["orig.length"], found[1]["orig.filename"]) == (str(first.length), f"{first.segment}.warc.gz")
    assert found[1]["mime"] == "text/html"


def test_paging_ends_for_both_kinds_of_clients(archive: Retrieving) -> None:
    pages = json.loads(archive.text(f"{CDX}?url=*.news.example&showNumPages=true"))
    none = json.loads(archive.text(f"{CDX}?url=other.example&showNumPages=true"))
    beyond = archive.get(f"{CDX}?url=*.news.example&page=3")
    empty = archive.get(f"{CDX}?url=http://other.example/")

    assert pages == {"pages": 1, "pageSize": 5, "blocks": 1}
    assert none == {"pages": 0, "pageSize": 5, "blocks": 0}
    assert beyond[0] == 400
    assert json.loads(beyond[2]) == {"message": "Page 3 invalid: First Page is 0, Last Page is 0"}
    assert empty[0] == archive.get(f"{CDX}?url=http://other.example/&page=0")[0] == 404
    assert json.loads(empty[2]) == {"message": "No Captures found for: http://other.example/"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", 'The "url" param is required'),
        (f"url={HOME}&output=moon", "output=moon not supported"),
        (f"url={HOME}&limit=many", "limit"),
        (f"url={HOME}&limit=-1", "limit"),
        (f"url={HOME}&matchType=moon", "matchType"),
        (f"url={HOME}&collapseTime=x", "collapseTime"),
        (f"url={HOME}&to=x", "invalid time"),
        (f"url={HOME}&filter=~url:(", "regular expression"),
        ("url=news.example&matchType=prefix&closest=2026", "closest"),
    ],
)
def test_an_invalid_query_is_answered_with_a_message_in_json(archive: Retrieving, query: str, message: str) -> None:
    status, headers, body = archive.get(f"{CDX}?{query}")

    assert (status, headers["Content-Type"]) == (400, "application/json")
    assert message in json.loads(body)["message"]


def test_collections_are_listed(archive: Retrieving) -> None:
    assert json.loads(archive.text("/collinfo.json")) == {"fixed": ["all", "default", "harbour"], "dynamic": []}


@pytest.mark.parametrize("path", ["cdx?url=x", "cdx", f"timemap/json/{HOME}", f"timemap/link/{HOME}"])
def test_an_unknown_collection_is_reported_in_pywb_s_words(archive: Retrieving, path: str) -> None:
    status, headers, body = archive.get(f"/moon/{path}")

    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body) == {"message": "Collection not found: moon"}


def test_an_unknown_form_of_timemap_is_reported_in_pywb_s_words(archive: Retrieving) -> None:
    status, headers, body = archive.get(f"/all/timemap/moon/{HOME}")

    assert (status, headers["Content-Type"]) == (400, "application/json")
    assert json.loads(body) == {"message": "output=moon not supported"}
    assert archive.get(f"/all/timemap/{HOME}")[0] == 404
