"""Facts of a page, shown alike by the command line, the API and the pages."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.household import Household, gazette
from web_of_tests.sockets import Server, Wire

SAID = "渡轮等潮水，潮水不等人，乘客请自带一本书，带两本的可以借一本给轮机长。"
ASKS = "<div><p>本文为付费内容，订阅后可阅读全文</p></div>"


def test_the_agency_and_the_paywall_of_an_article_are_shown_everywhere(household: Household) -> None:
    def respond(method: str, target: str, headers: dict[str, str]) -> Wire:
        asks = ASKS if target == "/paid" else ""
        html = (
            f"<h1>渡轮等潮水{target[1:]}</h1><div>2026-11-25 08:15 来源：科技日报</div><p>{SAID}</p><p>{SAID}</p>{asks}"
        )
        return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    server = Server(respond)
    server.start()
    paid, whole = (f"http://127.0.0.1:{server.port}/{name}" for name in ("paid", "whole"))
    household.source("gazette", gazette(paid, walk="page"))
    household.run("archive", paid, whole)
    server.stop()

    with household.serving() as service:
        for url, free in ((paid, False), (whole, None)):
            told = household.look("snapshot", "get", url, "--json").json
            page = service.get(f"/view/text/latest/{url}").text
            assert told == service.get(told["links"]["json"]).json
            assert (told["text"]["free"], told["text"]["source"]) == (free, "科技日报")
            assert ("only subscribers can read" in page, "科技日报" in page) == (free is False, True)


def test_answers_that_are_not_pages_are_marked_in_tables_of_texts(household: Household, tmp_path: Path) -> None:
    login = "<title>登录</title><p>您需要登录后才可以查看本主题</p><form><input type=text><input type=password></form>"

    def respond(method: str, target: str, headers: dict[str, str]) -> Wire:
        html = login if target == "/members" else f"<h1>渡轮等潮水</h1><p>{SAID}</p><p>{SAID}</p>"
        status = 403 if target == "/guarded" else 404 if target == "/gone" else 200
        return Wire(status, [("Content-Type", "text/html; charset=utf-8")], html.encode())

    server = Server(respond)
    server.start()
    site = f"http://127.0.0.1:{server.port}"
    household.source("gazette", gazette(f"{site}/open", walk="page"))
    household.run("archive", *(f"{site}/{name}" for name in ("open", "members", "guarded", "gone")), code=9)
    server.stop()
    household.run("export", "jsonl", "-o", str(tmp_path / "all.jsonl"))

    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    told = {row["url"].removeprefix(site): row["verdict"] for row in rows if "robots" not in row["url"]}

    assert told == {"/open": None, "/members": "login", "/guarded": "blocked", "/gone": None}
