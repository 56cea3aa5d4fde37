"""Letters on their way: from a mail server, over a kill of the service, to text, page and replay."""

from __future__ import annotations

import http.client
import re
import threading
from collections import Counter
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

from crawling.letters import SENT, article, letter
from journeys.household import Household, Served
from services.imap_server import plausible, scripted
from services.waiting import eventually

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

PASSWORD = "Tr0ub4dor"
TAGS = (
    '<img src="cid:image1@example.org"><img src="https://tracker.example/pixel.gif?id=ann"><script>steal()</script>'
    '<a href="https://example.org/more" onclick="steal()">More</a>'
)
LETTERS = {uid: letter(f"Letter {uid}", html=article(image=TAGS), images=1) for uid in range(1, 9)}


def described(household: Household, port: int) -> None:
    household.source(
        "letters",
        "source: letters\naddresses: [127.0.0.0/8]\npoliteness: {timeout: 1h}\n"
        f"imap: {{host: 127.0.0.1, port: {port}, tls: none, user: ann, password: {{secret: LETTERS}}}}\n",
    )
    secrets = household.home / "secrets"
    secrets.mkdir(0o700, exist_ok=True)
    (secrets / "LETTERS").write_text(PASSWORD)
    (secrets / "LETTERS").chmod(0o600)


def latest(household: Household) -> dict[str, Any]:
    return dict(household.look("runs", "list", "--source", "letters", "--json").json["items"][0])


def framed(page: str) -> tuple[int, str]:
    """Return the status and the page of what a snapshot shows in its frame."""
    found = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert found is not None
    address = urlsplit(unescape(found[1]))
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 80, timeout=60)
    try:
        connection.request("GET", address.path, headers={"Host": address.netloc})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def check_shown(served: Served, url: str, at: str) -> None:
    """Check the page, the text, the frame and the bytes of a letter."""
    page = served.get(f"/snapshot/{at}/{quote(url, safe=':/;=')}").text
    status, shown = framed(page)
    raw = served.get(f"/all/{at}id_/{url}")
    text = served.get(f"/view/text/{at}/{url}").text

    assert raw.body == LETTERS[1]
    assert "Two ferries waited outside" in text
    assert "Letter 1" in page
    assert status == 200
    assert "<b>From:</b> The Daily" in shown
    assert f"<b>Date:</b> {SENT.isoformat(' ')}" in shown
    assert 'src="data:image/png;base64,' in shown
    assert "steal" not in shown
    assert not re.search(r'(src|href)="https?://(tracker|example)', shown)
    assert not [one for one in ("ann@reader.example", "c0ffee") if one in shown + page + text]


def test_letters_are_kept_once_over_a_kill_and_can_be_read_and_shown(household: Household) -> None:
    reached, whole = threading.Event(), plausible(LETTERS)

    def fetch(tag: bytes, rest: bytes) -> bytes | None:
        if rest.startswith(b"UID FETCH 5 ") and not reached.is_set():
            reached.set()
            return b""  # and the service waits for the letter until it is killed
        return whole(tag, rest)

    validity = ["7"]

    def examine(tag: bytes, rest: bytes) -> bytes:
        return (whole(tag, rest) or b"").replace(b"UIDVALIDITY 7", f"UIDVALIDITY {validity[0]}".encode())

    with scripted(plausible(LETTERS, fetch=fetch, examine=examine)) as port:
        described(household, port)
        with household.serving(kill=True) as served:
            served.ask("POST", "/api/v1/sources/letters/runs")
            eventually(reached.is_set)
        with household.serving() as served:
            run = eventually(lambda: (one := latest(household))["outcome"] and one)
            with open_pressmark(load_settings({"home": household.home})) as service:
                captures = list(service.index.captures(f"imap://127.0.0.1:{port}/", match="prefix"))
            first = min(captures, key=lambda one: one.at)
            eventually(lambda: service_has_text(served, first.url))
            check_shown(served, first.url, first.at.strftime("%Y%m%d%H%M%S"))
            validity[0] = "8"  # the server gives its messages other numbers
            served.ask("POST", "/api/v1/sources/letters/runs")
            again = eventually(lambda: (one := latest(household))["id"] != run["id"] and one["outcome"] and one)
            other = first.url.replace("=7/", "=8/")
            with open_pressmark(load_settings({"home": household.home})) as service:
                [same] = service.index.captures(other)
            check_shown(served, other, same.at.strftime("%Y%m%d%H%M%S"))

    assert (run["outcome"], run["reason"]) == ("done", "8 new messages archived")
    assert (run["pages"], run["captures"]) == (8, 16)
    assert (again["outcome"], again["captures"], again["revisits"]) == ("unchanged", 8, 8)
    base = f"imap://127.0.0.1:{port}/INBOX;UIDVALIDITY=7/;UID="
    expected = {f"{base}{uid}{part}" for uid in LETTERS for part in ("", "/;SECTION=2.2")}
    assert Counter(one.url for one in captures) == Counter(expected)
    assert not [one for one in household.home.rglob("*.log*") if PASSWORD in one.read_text()]


def service_has_text(served: Served, url: str) -> bool:
    found = served.get("/api/v1/search?q=ferries&limit=50").json["items"]
    return any(one["url"] == url for one in found)


def test_a_refused_login_is_said_in_the_command_the_api_and_the_page(household: Household) -> None:
    with scripted(plausible({}, login=lambda tag, _: tag + b" NO go away\r\n")) as port:
        described(household, port)
        with household.serving() as served:
            served.ask("POST", "/api/v1/sources/letters/runs")
            run = eventually(lambda: (one := latest(household))["outcome"] and one)
            over_api = served.get(f"/api/v1/runs/{run['id']}").json
            english, chinese = (served.get(f"/runs/{run['id']}", Accept_Language=one).text for one in ("en", "zh"))
    why = f"127.0.0.1 port {port} refused the login: go away; check user and password"
    assert (run["outcome"], run["reason"]) == ("failed", why)
    assert over_api["reason"] == why
    assert why in unescape(english)
    assert f"127.0.0.1（端口 {port}）拒绝登录" in chinese
