"""The Internet Archive's dialect of CDX, form by form."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from services.retrieving import HOME, Retrieving

CDX = "/cdx/search/cdx"


def rows(archive: Retrieving, query: str) -> list[list[str]]:
    return [line.split(" ") for line in archive.text(f"{CDX}?{query}").splitlines()]


def test_a_line_has_exactly_seven_fields(archive: Retrieving) -> None:
    status, headers, body = archive.get(f"{CDX}?url={HOME}")

    first = archive.captures[0]
    line = f"example,news)/ 20260131120000 {HOME} text/html 200 {first.digest} {first.location.length}\n"
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert body.decode().startswith(line)
    assert {len(row.split(" ")) for row in body.decode().splitlines()} == {7}
    assert body.endswith(b"\n")


def test_a_revisit_and_a_not_modified_answer_are_labelled_as_such(archive: Retrieving) -> None:
    assert [row[3:6:1] for row in rows(archive, f"url={HOME}")][1:3] == [
        ["warc/revisit", "200", archive.captures[0].digest],
        ["warc/revisit", "304", "-"],
    ]


def test_json_is_one_array_of_arrays_with_the_names_first(archive: Retrieving) -> None:
    found = json.loads(archive.text(f"{CDX}?url={HOME}&output=json&fl=timestamp,statuscode&limit=2"))

    assert found == [["timestamp", "statuscode"], ["20260131120000", "200"], ["20260131130000", "200"]]


def test_no_rows_are_an_empty_array_or_an_empty_text(archive: Retrieving) -> None:
    for more in ("", "&page=0"):
        assert archive.get(f"{CDX}?url=http://other.example/{more}")[::2] == (200, b"")
        assert json.loads(archive.text(f"{CDX}?url=http://other.example/&output=json{more}")) == []
    assert archive.get(f"{CDX}?url=http://other.example/&output=json&page=1")[::2] == (200, b"")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"url={HOME}", 4),
        ("url=news.example", 4),
        (f"url={quote(HOME, safe='')}&matchType=exact", 4),
        ("url=news.example/*", 8),
        ("url=*.news.example", 9),
        ("url=news.example/a&matchType=prefix", 1),
        ("url=news.example&matchType=host", 8),
        ("url=news.example&matchType=domain", 9),
        (f"url={HOME}&from=2026013113&to=2026013114", 2),
        (f"url={HOME}&from=20260131130000&to=20260131130000", 1),
        (f"url={HOME}&from=2027", 0),
        (f"url={HOME}&limit=1", 1),
        (f"url={HOME}&limit=-3", 3),
        (f"url={HOME}&offset=3", 1),
        (f"url={HOME}&fastLatest=true&limit=-1", 1),
        ("url=*.news.example&filter=statuscode:200", 6),
        ("url=*.news.example&filter=!statuscode:200", 3),
        ("url=*.news.example&filter0=mimetype:text/.*&filter1=!statuscode:404", 4),
        (f"url={HOME}&collapse=digest", 3),
        (f"url={HOME}&collapse0=timestamp:8", 1),
        (f"url={HOME}&collapse=urlkey", 1),
        (f"url={HOME}&gzip=false", 4),
        (f"url={HOME}&fields=timestamp", 4),
    ],
)
def test_each_parameter_selects_its_rows(archive: Retrieving, query: str, count: int) -> None:
    assert len(rows(archive, query)) == count


def test_each_order_sorts_the_rows(archive: Retrieving) -> None:
    forward = rows(archive, f"url={HOME}")

    assert rows(archive, f"url={HOME}&sort=reverse") == forward[::-1]
    assert rows(archive, f"url={HOME}&limit=-1") == forward[-1:]
    assert [row[1] for row in rows(archive, f"url={HOME}&sort=closest&closest=20260131140500")] == [
        "20260131140000",
        "20260131150000",
        "20260131130000",
        "20260131120000",
    ]


def test_a_resume_key_continues_where_the_answer_ended(archive: Retrieving) -> None:
    whole = archive.text(f"{CDX}?url=news.example/*")
    parts, key = "", ""
    while True:
        answer = archive.text(f"{CDX}?url=news.example/*&limit=3&showResumeKey=true&resumeKey={key}")
        part, _, key = answer.partition("\n\n")
        parts += part if not key else f"{part}\n"
        if not key:
            break
        key = key.strip()
        assert "%29%2F" in key
        assert key not in part

    assert parts == whole


def test_a_resume_key_in_json_follows_an_empty_array(archive: Retrieving) -> None:
    found = json.loads(archive.text(f"{CDX}?url={HOME}&output=json&limit=3&showResumeKey=true"))
    key = found[-1][0]
    rest = json.loads(archive.text(f"{CDX}?url={HOME}&output=json&limit=3&showResumeKey=true&resumeKey={quote(key)}"))

    assert found[-2] == []
    assert len(found) == 1 + 3 + 2
    assert [row[1] for row in rest[1:]] == ["20260131150000"]


def test_rows_are_paged(archive: Retrieving) -> None:
    assert archive.text(f"{CDX}?url=*.news.example&showNumPages=true") == "1\n"
    assert archive.text(f"{CDX}?url=other.example&showNumPages=true") == "0\n"
    assert len(rows(archive, "url=*.news.example&page=0")) == 9
    assert archive.get(f"{CDX}?url=*.news.example&page=1")[::2] == (200, b"")
    far = "page=99999999999&pageSize=99999999999"  # more rows than 64 bits can count
    assert archive.get(f"{CDX}?url=*.news.example&{far}")[::2] == (200, b"")


def test_more_columns_are_given_on_request(archive: Retrieving) -> None:
    first = archive.captures[0].location
    resolved = rows(archive, f"url={HOME}&resolveRevisits=true")
    counted = json.loads(archive.text(f"{CDX}?url={HOME}&showDupeCount=true&output=json"))

    there = [str(first.length), str(first.offset), f"{first.segment}.warc.gz"]
    assert [row[7:] for row in resolved] == [["-"] * 3, there, there, ["-"] * 3]
    assert counted[0][-1] == "dupecount"
    assert [row[-1] for row in counted[1:]] == ["0", "1", "0", "0"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "url=",
        f"url={HOME}&limit=many",
        f"url={HOME}&limit=1e3",
        f"url={HOME}&matchType=moon",
        f"url={HOME}&from=yesterday",
        f"url={HOME}&filter=statuscode",
        f"url={HOME}&filter=statuscode:(",
        f"url={HOME}&filter=moon:1",
        f"url={HOME}&collapse=moon",
        f"url={HOME}&fl=moon",
        f"url={HOME}&sort=moon",
        f"url={HOME}&resumeKey=2",
        f"url={HOME}&page=-1",
        f"url={HOME}&page=0&pageSize=0",
        f"url={HOME}&limit=-99999999",
        f"url={HOME}" + "&filter=original:.{9000}" * 2,
        f"url={HOME}&filter=original:.*(a|a)*(a|aa)%2B(a|aa)%2Bb" + "&filter=!original:x" * 250,
    ],
)
def test_an_invalid_query_is_answered_with_400(archive: Retrieving, query: str) -> None:
    status, headers, body = archive.get(f"{CDX}?{query}")

    assert (status, headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert body.strip()


def test_available_names_the_nearest_memento(archive: Retrieving) -> None:
    near = json.loads(archive.text("/wayback/available?url=news.example&timestamp=202601311259"))
    none = json.loads(archive.text("/wayback/available?url=other.example"))

    assert near["archived_snapshots"]["closest"] == {
        "status": "200",
        "available": True,
        "url": f"{archive.url}/web/20260131130000/{HOME}",
        "timestamp": "20260131130000",
    }
    unchanged = json.loads(archive.text("/wayback/available?url=news.example&timestamp=20260131140000"))
    assert unchanged["archived_snapshots"]["closest"]["timestamp"] == "20260131140000"
    assert unchanged["archived_snapshots"]["closest"]["status"] == "200", "as it is replayed"
    assert none == {"url": "other.example", "archived_snapshots": {}}
    assert archive.get("/wayback/available")[0] == 400
    assert archive.get("/wayback/available?url=x&timestamp=2026x")[0] == 400
