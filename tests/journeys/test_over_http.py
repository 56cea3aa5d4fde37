"""One service for all of this: its HTTP answers, and commands running beside it."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import pytest
from conftest import figure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeys.household import QUICK, Household, Served, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper
from web_of_tests.sockets import Server, Wire

ARTICLE = "forum-instrument-market"

names = st.sampled_from(["url", "since", "until", "match", "cursor", "limit", "after", "source", "run", "status", "x"])
odd = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["20260131", "99999999999999", "latest", "-1", "1e9", "9" * 40, "%00", "..", "page", "raw", "json"]
    ),
    st.integers().map(str),
)
bodies = st.one_of(
    st.none(),
    st.fixed_dictionaries({"url": st.sampled_from(["", "no url", "ftp://example.org/", "http://[", "x" * 9000])}),
    st.fixed_dictionaries({"description": st.dictionaries(odd, odd, max_size=3)}),
    st.recursive(odd | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.1) as newspaper:
        yield newspaper


@pytest.fixture(scope="module")
def household(
    tmp_path_factory: pytest.TempPathFactory, paper: Newspaper, database_of_module: dict[str, str]
) -> Household:
    made = Household(tmp_path_factory.mktemp("served") / "home", QUICK | database_of_module)
    describe(made, paper)
    return made


def describe(household: Household, paper: Newspaper) -> None:
    household.source("page", gazette(paper.url_of(ARTICLE), walk="page").replace("gazette", "page", 1))


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    """A service that has archived one article, three times."""
    with household.serving() as service:
        for _ in range(3):
            run_over(service, service.ask("POST", "/api/v1/sources/page/runs").json["id"])
        yield service


def run_over(served: Served, run: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        shape: dict[str, Any] = served.get(f"/api/v1/runs/{run}").json
        return shape if shape["status"] == "over" else None

    return eventually(over)


def kinds_of_events(served: Served, run: str) -> Counter[str]:
    return Counter(event["kind"] for event in served.get(f"/api/v1/events?run={run}&limit=500").json["items"])


def named(name: str, source: str) -> str:
    return source.replace("gazette", name, 1)


def test_a_command_asks_the_service_and_follows_the_run(household: Household, served: Served, paper: Newspaper) -> None:
    household.source("forums", named("forums", gazette(f"{paper.url}/forums/")))
    done = household.run("run", "forums", "--json")
    run = done.json["items"][0]
    first = served.get(f"/api/v1/runs/{run['id']}")
    again = served.get(f"/api/v1/runs/{run['id']}", If_None_Match=first.headers["ETag"])
    page = served.get(f"/runs/{run['id']}").text

    assert run["outcome"] == "done"
    assert "forums done" in done.err
    assert first.json == run
    assert (again.status, again.body) == (304, b"")
    assert "over: done: 8 pages" in household.look("runs", "logs", run["id"]).out
    assert "done" in page


def test_a_run_is_followed_by_server_sent_events_until_it_is_over(served: Served) -> None:
    run = served.ask("POST", "/api/v1/sources/page/runs").json["id"]
    followed = served.get(f"/api/v1/runs/{run}/events")
    events = [dict(line.split(": ", 1) for line in event.splitlines()) for event in followed.text.split("\n\n")[:-1]]
    shape = served.get(f"/api/v1/runs/{run}").json

    assert followed.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert {event["event"] for event in events[:-1]} <= {"progress"}
    assert events[-1]["event"] == "over"
    assert json.loads(events[-1]["data"]) == shape | {"failed_by_reason": {}, "log_on": None}


def test_an_unknown_run_is_not_followed(served: Served) -> None:
    missing = served.get("/api/v1/runs/none/events")

    assert (missing.status, missing.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_same_operations_over_http(served: Served, paper: Newspaper) -> None:
    description = {
        "source": "harbour",
        "seeds": [f"{paper.url}/harbour/"],
        "walk": "site",
        "politeness": {"delay": "0s"},
        "addresses": ["127.0.0.0/8"],
    }
    added = served.ask("POST", "/api/v1/sources", {"description": description})
    twice = served.ask("POST", "/api/v1/sources", {"description": description})
    wrong = served.ask("POST", "/api/v1/sources", {"description": {**description, "walk": "moon"}})
    key = {"Idempotency-Key": "one"}
    asked = served.ask("POST", "/api/v1/sources/harbour/runs", headers=key)
    run = run_over(served, asked.json["id"])
    same = served.ask("POST", "/api/v1/sources/harbour/runs", headers=key)
    other = served.ask("POST", "/api/v1/sources/page/runs", headers=key)
    captures = served.get(f"/api/v1/captures?url={paper.url_of('harbour-fog-signal')}").json["items"]
    paused = served.ask("POST", "/api/v1/sources/harbour/pause", {"reason": "a test"}).json
    events = eventually(lambda: (kinds := kinds_of_events(served, run["id"]))["page.new"] and kinds)
    gone = served.ask("DELETE", "/api/v1/sources/harbour")

    assert (added.status, twice.status, wrong.status) == (201, 409, 422)
    assert "walk" in wrong.json["detail"]
    assert wrong.headers["Content-Type"] == "application/problem+json"
    assert (asked.status, asked.headers["Location"]) == (202, f"/api/v1/runs/{run['id']}")
    assert (same.json["id"], other.status) == (run["id"], 422)
    assert run["outcome"] == "done"
    assert [capture["status"] for capture in captures] == [200]
    assert (paused["state"], paused["pause_reason"]) == ("paused", "a test")
    assert events == {"run.queued": 1, "run.started": 1, "run.over": 1, "page.new": events["page.new"]}
    assert (gone.status, served.get("/api/v1/sources/harbour").status) == (204, 404)


def test_runs_of_an_unknown_source_are_not_found(served: Served) -> None:
    missing = served.get("/api/v1/runs?source=nobody")

    assert (missing.status, "no source named 'nobody'" in missing.json["detail"]) == (404, True)
    assert served.get("/api/v1/runs?source=page&status=queued").json["items"] == []


def test_pages_of_a_list_follow_each_other(served: Served, paper: Newspaper) -> None:
    runs = list(all_pages(served, "/api/v1/runs?source=page&"))
    captures = list(all_pages(served, f"/api/v1/captures?url={paper.url_of(ARTICLE)}&"))
    of_host = f"/api/v1/captures?url={paper.url_of(ARTICLE)}&match=host&"
    by_pages = [one["record_id"] for one in all_pages(served, of_host)]
    at_once = [one["record_id"] for one in served.get(f"{of_host}limit=1000").json["items"]]
    nonsense = served.get(f"/api/v1/captures?url={paper.url_of(ARTICLE)}&cursor=nonsense")
    of_another = served.get(f"{of_host}cursor=1769860800000000.1")

    assert len({run["id"] for run in runs}) == len(runs) >= 3
    assert len({capture["record_id"] for capture in captures}) == len(captures) >= 3
    assert by_pages == at_once
    assert len(by_pages) > len(captures)
    assert nonsense.status == of_another.status == 422


def all_pages(served: Served, path: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        page = served.get(f"{path}limit=2&cursor={quote(cursor)}").json
        yield from page["items"]
        cursor = page["next"]


def test_raw_bytes_are_sent_inert(served: Served, paper: Newspaper) -> None:
    path = f"/api/v1/snapshots/2026/raw/{paper.url_of(ARTICLE)}"
    decoded = served.get(path)
    coded = served.get(path, Accept_Encoding="gzip")
    known = served.get(path, If_None_Match=decoded.headers["ETag"])
    head = served.ask("HEAD", path)
    encoded_url = served.get(path.replace("http://127", "http%3A//127"))
    missing = served.get("/api/v1/snapshots/2026/raw/https://nobody.example/?a=b")

    assert b"Please enter your comment!" in decoded.body
    assert decoded.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert decoded.headers["Content-Disposition"].startswith("attachment")
    assert decoded.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in decoded.headers["Content-Security-Policy"]
    assert decoded.headers["X-Archive-Orig-Content-Type"] == "text/html; charset=utf-8"
    assert decoded.headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert decoded.headers["Memento-Datetime"].endswith("GMT")
    assert (coded.headers["Content-Encoding"], len(coded.body) < len(decoded.body)) == ("gzip", True)
    assert known.status == 304
    assert (head.status, head.body) == (200, b"")
    assert encoded_url.body == decoded.body
    assert missing.status == 404
    assert "https://nobody.example/?a=b" in missing.json["detail"]
    assert "Memento-Datetime" not in missing.headers


def test_pages_need_no_script_and_show_the_contents(served: Served, paper: Newspaper) -> None:
    snapshot = f"/snapshot/latest/{paper.url_of(ARTICLE)}"
    eventually(lambda: served.get(snapshot.replace("/snapshot/latest", "/api/v1/snapshots/latest/text")).status == 200)
    run = served.get("/api/v1/runs").json["items"][0]["id"]
    paths = ("/", "/runs", f"/runs/{run}", "/sources/page", "/docs", f"/captures?url={paper.url_of(ARTICLE)}", snapshot)
    paths += tuple(snapshot.replace("/snapshot/", f"/view/{view}/") for view in ("text", "headers", "record", "cite"))
    pages = {path: served.get(path) for path in paths}
    missing = served.get("/sources/nobody", Accept="text/html")
    pressed = served.ask("POST", "/sources/page/run", form="")

    assert {path: page.status for path, page in pages.items() if page.status != 200} == {}
    active = re.compile(r"<script(?! src=\"/static/| type=\"application/ld\+json\">)|\son\w+=")
    assert all(active.search(page.text) is None for page in pages.values())
    assert "the Queue Is for a Kettle" in pages[snapshot].text
    assert (missing.status, "no source named" in missing.text) == (404, True)
    assert (pressed.status, pressed.headers["Location"].startswith("/runs/")) == (303, True)


def test_a_source_file_takes_effect_within_seconds_and_a_bad_one_keeps_its_last_good_version(
    household: Household, served: Served, paper: Newspaper
) -> None:
    url = paper.url_of("tidal-cable-treaty")
    household.source("treaty", named("treaty", gazette(url, walk="page", more="timetable: {every: 1s}\n")))
    eventually(lambda: served.get(f"/api/v1/captures?url={url}").json["items"])
    household.source("treaty", "source: treaty\nseeds: nonsense\n")
    shape = eventually(lambda: (one := served.get("/api/v1/sources/treaty").json)["state"] == "error" and one)
    household.look("source", "pause", "treaty")

    assert shape["seeds"] == [url]
    assert "nonsense" in shape["problem"]


def test_without_a_token_the_service_answers_only_this_machine(household: Household, served: Served) -> None:
    refused = household.look("serve", "--host", "0.0.0.0", "--port", "0", code=4)
    rebound = served.ask("GET", "/api/v1/sources", headers={"Host": "evil.example"})
    foreign = served.ask("POST", "/api/v1/pause", headers={"Origin": "https://evil.example"})
    local = served.ask("GET", "/api/v1/sources", headers={"Host": "localhost:1"})

    assert "without a token" in refused.err
    assert (rebound.status, foreign.status, local.status) == (421, 403, 200)


def test_foreign_content_is_shown_and_never_run(household: Household, served: Served, paper: Newspaper) -> None:
    slug = "lens-grinders-robot"
    title = "<script>alert(1)</script> \x1b[2J\u202egnorts"
    words = "<img src=x onerror=alert(1)> {{ 7 * 7 }} and more words, so that there is something here to be read. "
    paper.edit(slug, [words * 3] * 3, title=title)
    run = household.run("archive", paper.url_of(slug), "--json").json["items"][0]
    url = f"/snapshot/latest/{paper.url_of(slug)}"
    eventually(lambda: served.get(url.replace("/snapshot/latest", "/api/v1/snapshots/latest/text")).status == 200)
    page = served.get(url.replace("/snapshot/latest", "/view/text/latest"))
    text = household.look("snapshot", "get", paper.url_of(slug), "--json").out

    assert run["outcome"] in ("done", "partial")
    described = '<script type="application/ld+json">'  # data, which no browser runs
    assert page.text.count(described) == 1
    foreign = re.sub(r'<script src="/static/[0-9a-f]+/[a-z]+\.js" type="module"></script>', "", page.text)  # ours
    assert "<script" not in foreign.replace(described, "") and "<img src=x" not in page.text
    assert "49" not in page.text.partition("<article")[2].partition("</article")[0]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "onerror" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_no_request_causes_a_server_error(served: Served) -> None:
    paths = served.get("/openapi.json").json["paths"]
    del paths["/save/{url}"]  # each answer would wait for a run
    ask_anything(served, [(method.upper(), path) for path, methods in paths.items() for method in methods])


@pytest.mark.costly
def test_a_server_error_is_detected(served: Served) -> None:
    broken = Server(lambda _method, target, _fields: Wire(500 if "%" in target else 200))
    broken.start()
    try:
        with pytest.raises(AssertionError):
            ask_anything(Served(served.process, f"http://127.0.0.1:{broken.port}", served.log), [("GET", "/a/{b}")])
    finally:
        broken.stop()


def ask_anything(served: Served, routes: list[tuple[str, str]]) -> None:
    """Send random requests; no answer may be a server error."""

    @settings(
        max_examples=figure(150, 5_000, 50_000),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        st.sampled_from(routes), st.lists(odd, min_size=3, max_size=3), st.dictionaries(names, odd, max_size=4), bodies
    )
    def ask(route: tuple[str, str], parts: list[str], query: dict[str, str], body: object) -> None:
        method, path = route
        for part in parts:
            path = re.sub(r"\{[^}]*\}", quote(part, safe="").replace("\\", "%5C") or "x", path, count=1)
        asked = f"{path}?{urlencode(query, errors='surrogatepass')}"
        answer = served.ask(method, asked, body if method == "POST" else None)
        assert answer.status < 500, (method, asked, body, answer.body)

    ask()


def test_metrics_are_what_prometheus_reads(served: Served) -> None:
    text = served.get("/metrics").text

    assert re.search(r'pressmark_runs_total\{outcome="done",source="page"\} [1-9]', text)
    assert 'pressmark_captures_acked_total{source="page"}' in text
    assert "pressmark_build_info" in text
    assert "http://" not in text


def test_the_service_reports_what_the_worker_fetched_and_shipped(served: Served) -> None:
    def told() -> str | None:
        text = served.get("/metrics").text
        counted = (
            r'pressmark_fetch_total\{class="2xx",source="page"\} [1-9]',
            r'pressmark_upload_total\{result="ok"\} [1-9]',
        )
        return text if all(re.search(each, text) for each in counted) else None

    text = eventually(told)  # with the worker's next beat
    assert re.search(r"pressmark_fetch_duration_seconds_count [1-9]", text)


def test_a_dead_worker_is_started_again(household: Household, paper: Newspaper, served: Served) -> None:
    describe(household, paper)  # random requests may have deleted, changed or paused anything
    for paused in ("", "/sources/page"):
        served.ask("POST", f"/api/v1{paused}/resume")
    [worker] = children_of(served.process.pid)
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: children_of(served.process.pid) not in ([], [worker]))
    run = run_over(served, served.ask("POST", "/api/v1/sources/page/runs").json["id"])

    assert run["outcome"] == "unchanged"


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children() if child.status() != psutil.STATUS_ZOMBIE]


def test_the_texts_of_a_run_and_re_extraction_over_http(household: Household, served: Served, paper: Newspaper) -> None:
    paper.edit(
        "harbour-fog-signal", ["A payload that no other run has kept, so that its text is one of this run. " * 3] * 3
    )
    household.source("harbours", named("harbours", gazette(f"{paper.url}/harbour/")))
    run = household.run("run", "harbours", "--json").json["items"][0]["id"]

    def texts() -> list[dict[str, Any]]:
        return [json.loads(line) for line in served.get(f"/api/v1/runs/{run}/texts").text.splitlines()]

    said = next(one for one in eventually(texts) if one["url"] == paper.url_of("harbour-fog-signal"))
    snapshot = served.get(f"/api/v1/snapshots/latest/json/{said['url']}").json
    marked = served.get(snapshot["links"]["markdown"])
    counted = served.ask("POST", "/api/v1/extractions", {"which": "all", "source": "harbours", "segments": 0})
    none = served.ask("POST", "/api/v1/extractions", {"which": "older", "source": "harbours"})

    assert (said["text"], said["run"]) == (snapshot["text"]["text"], run)
    assert (marked.status, marked.headers["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert marked.text.rstrip("\n") == said["markdown"]
    assert (counted.status, counted.json["texts"], counted.json["left_texts"] > 0) == (200, 0, True)
    assert (none.json["texts"], none.json["left_texts"]) == (0, 0)
    assert served.get("/api/v1/runs/nothing/texts").status == 404
    assert served.ask("POST", "/api/v1/extractions", {"which": "some"}).status == 422
