"""The Google Reader API, as clients use it: by hand, and by a real client, newsboat."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep
from sqlalchemy import Engine, event

from archive.index import change_rows
from config.settings import Settings
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

FORM, PASSWORD = "application/x-www-form-urlencoded", "a password of these tests"
BASE = "/api/v1/greader"
PAGES = [
    Version(f"The harbour <b>was</b> quiet on day {n}.", f"https://example.org/{n}", n, f"Day {n}") for n in range(5)
]
OTHER = Version("Ships.", "https://b.example/", 9, "Other", source="other")
FILES = {
    "other": "source: other\nseeds: [https://b.example/]\ntags: [ships]\n",
    "example": "source: example\nseeds: [https://example.org/]\nkeep: {collection: news}\n",
}


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("greader")
    (directory / "warcs").mkdir()
    (directory / "home" / "sources").mkdir(parents=True)
    for name, text in FILES.items():
        (directory / "home" / "sources" / f"{name}.yaml").write_text(text)
    with open_pressmark(Settings(home=directory / "home")) as service:
        keep(service, directory / "warcs", *PAGES, OTHER)
        service.access.add_person("anna", Role.READ, PASSWORD)
    return directory / "home"


@pytest.fixture
def archive(first_home: Path, tmp_path: Path) -> Iterator[Retrieving]:
    home = Path(shutil.copytree(first_home, tmp_path / "home", symlinks=True))
    with open_pressmark(Settings(home=home)) as service, served(service) as url:
        yield Retrieving(url, service, [])


def log_in(archive: Retrieving, name: str = "anna", password: str = PASSWORD) -> tuple[int, str]:
    body = urlencode({"Email": name, "Passwd": password, "service": "reader"}).encode()
    status, answer = archive.send_body("POST", f"{BASE}/accounts/ClientLogin", body, FORM)
    return status, answer.decode().partition("Auth=")[2].strip()


class Client:
    def __init__(self, archive: Retrieving, auth: str) -> None:
        self._archive, self._auth = archive, f"GoogleLogin auth={auth}"

    def get(self, path: str, **fields: str | int) -> Any:
        status, _, body = self._archive.get(f"{BASE}/reader/api/0/{path}?{urlencode(fields)}", Authorization=self._auth)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, *fields: tuple[str, str]) -> bytes:
        body = urlencode([*fields, ("T", "pressmark")]).encode()
        status, answer = self._archive.send_body(
            "POST", f"{BASE}/reader/api/0/{path}", body, FORM, Authorization=self._auth
        )
        assert status == 200, answer
        return answer

    def titles(self, stream: str = "user/-/state/com.google/reading-list", **fields: str | int) -> list[str]:
        found = self.get(f"stream/contents/{quote(stream, safe='')}", **fields)["items"]
        return [item["title"] for item in found]


@pytest.fixture
def client(archive: Retrieving) -> Client:
    return Client(archive, log_in(archive)[1])


def test_only_a_right_password_or_token_logs_in(archive: Retrieving) -> None:
    row, secret = archive.service.access.add_token("phone", Role.READ)
    answers = [log_in(archive, *one)[0] for one in (("anna", "wrong"), ("nobody", PASSWORD), ("x", "pressmark_wrong"))]
    status, auth = log_in(archive, "token", secret)
    listed = Client(archive, auth).get("subscription/list")["subscriptions"]
    archive.service.access.revoke_token(row.name)

    def refused(given: str) -> int:
        return archive.get(f"{BASE}/reader/api/0/token", Authorization=f"GoogleLogin auth={given}")[0]

    assert answers == [401, 401, 401]
    assert (status, [one["title"] for one in listed]) == (200, ["example", "other"])
    assert [refused(given) for given in (auth, "session_none", "", "session_")] == [401, 401, 401, 401]
    assert archive.get(f"{BASE}/reader/api/0/token")[0] == 401


def test_a_login_ends_with_the_person(archive: Retrieving) -> None:
    archive.service.access.add_person("bob", Role.ADMIN, PASSWORD)
    _, auth = log_in(archive)
    before = archive.get(f"{BASE}/reader/api/0/token", Authorization=f"GoogleLogin auth={auth}")[0]
    archive.service.access.remove_person("anna")
    after = archive.get(f"{BASE}/reader/api/0/token", Authorization=f"GoogleLogin auth={auth}")[0]

    assert (before, after) == (200, 401)


def test_sources_are_feeds_and_their_collections_and_tags_are_labels(client: Client) -> None:
    sources = {one["id"]: one for one in client.get("subscription/list")["subscriptions"]}
    tags = [tag["id"] for tag in client.get("tag/list")["tags"]]

    assert [one["label"] for one in sources["feed/other"]["categories"]] == ["default", "ships"]
    assert sources["feed/example"]["url"].endswith("/api/v1/feeds/sources/example")
    assert tags == ["user/-/state/com.google/starred", *(f"user/-/label/{one}" for one in ("default", "news", "ships"))]


def test_streams_are_chosen_by_source_label_and_state_and_paged(client: Client) -> None:
    days = [f"Day {n}" for n in (4, 3, 2, 1, 0)]
    first = client.get("stream/contents/feed/example", n=2)
    second = client.get("stream/contents/feed/example", n=2, c=first["continuation"])

    assert client.titles() == ["Other", *days]
    assert client.titles("feed/other") == client.titles("user/-/label/ships") == ["Other"]
    assert client.titles("user/1234/label/default")[0] == "Other"
    assert [item["title"] for item in first["items"] + second["items"]] == days[:4]
    assert client.titles("feed/nobody") == []
    assert client.titles(ot=4_000_000_000) == []


def walked(client: Client, **fields: str | int) -> list[str]:
    """Return the titles of a stream, page by page."""
    found, place = [], {}
    while True:
        page = client.get("stream/contents/user/-/state/com.google/reading-list", n=2, **fields, **place)
        found += [item["title"] for item in page["items"]]
        if "continuation" not in page:
            return found
        place = {"c": page["continuation"]}


@pytest.mark.parametrize("window", [1, 3, 5000])
def test_the_oldest_items_come_first_for_a_reader_that_asks_so_on_all_pages(
    client: Client, archive: Retrieving, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(change_rows, "_WINDOW", window)
    days = [f"Day {n}" for n in range(5)]
    items = client.get("stream/contents/feed/example")["items"]
    starred = [item["id"] for item in items if item["title"] in ("Day 1", "Day 3")]
    for item in starred:
        client.post("edit-tag", ("i", item), ("a", "user/-/state/com.google/starred"))
    third = items[2]["updated"]
    ids = client.get("stream/items/ids", s="feed/example", r="o")["itemRefs"]

    assert walked(client, r="o") == [*days, "Other"] == walked(client)[::-1]
    assert walked(client, r="o", ot=third) == [*days[2:], "Other"]
    assert client.titles("user/-/state/com.google/starred", r="o") == ["Day 1", "Day 3"]
    assert [int(one["id"]) for one in ids] == sorted(int(one["id"]) for one in ids)


def test_an_item_has_its_text_without_markup_and_a_link_to_the_archived_page(
    client: Client, archive: Retrieving
) -> None:
    [item] = client.get("stream/contents/feed/other")["items"]
    page = item["alternate"][0]["href"].removeprefix(archive.url)
    day = client.get("stream/contents/feed/example", n=1)["items"][0]

    assert (item["origin"]["streamId"], item["canonical"]) == ("feed/other", [{"href": "https://b.example/"}])
    assert page.startswith("/view/text/") or page.startswith("/snapshot/")
    assert "<b>" not in day["summary"]["content"] and day["summary"]["content"].startswith("<p>")


def test_marks_are_those_of_the_pages_and_choose_what_is_listed(client: Client, archive: Retrieving) -> None:
    refs = [one["id"] for one in client.get("stream/items/ids", s="feed/example")["itemRefs"]]
    long = f"tag:google.com,2005:reader/item/{int(refs[1]):016x}"
    state = "user/-/state/com.google/"
    client.post("edit-tag", ("i", refs[0]), ("i", long), ("a", f"{state}read"), ("a", f"{state}starred"))
    unread = client.titles("feed/example", xt=f"{state}read")
    starred = client.titles(f"{state}starred")
    client.post("edit-tag", ("i", long), ("r", f"{state}read"), ("r", f"{state}starred"))
    found = json.loads(client.post("stream/items/contents", ("i", refs[0]), ("i", long)))["items"]
    _, auth = log_in(archive)
    session = auth.removeprefix("session_")
    page = archive.get("/new?show=star", Cookie=f"pressmark_session={session}")[2].decode()

    assert unread == ["Day 2", "Day 1", "Day 0"]
    assert starred == ["Day 4", "Day 3"]
    assert [f"{state}starred" in item["categories"] for item in found] == [True, False]
    assert "Day 4" in page and "Day 3" not in page


def test_a_stream_is_marked_as_read_up_to_a_time(client: Client) -> None:
    state = "user/-/state/com.google/read"
    times = {one["title"]: one["timestampUsec"] for one in client.get("stream/contents/feed/example")["items"]}
    client.post("mark-all-as-read", ("s", "feed/example"), ("ts", times["Day 1"]))
    some = client.titles(xt=state)
    client.post("mark-all-as-read", ("s", "user/-/label/ships"))

    assert some == ["Other", "Day 4", "Day 3", "Day 2"]
    assert client.titles(xt=state) == ["Day 4", "Day 3", "Day 2"]


@pytest.mark.system
def test_newsboat_lists_the_sources_and_reads_their_pages(archive: Retrieving, tmp_path: Path) -> None:
    newsboat = shutil.which("newsboat")
    if newsboat is None:
        pytest.skip("newsboat is not installed: apt-get install newsboat")
    config, cache = tmp_path / "config", tmp_path / "cache"
    config.write_text(
        f'urls-source "freshrss"\nfreshrss-url "{archive.url}{BASE}"\nfreshrss-login "anna"\n'
        f'freshrss-password "{PASSWORD}"\n'
    )
    (tmp_path / "urls").touch()
    files = ["-C", str(config), "-c", str(cache), "-u", str(tmp_path / "urls")]
    environment = {"HOME": str(tmp_path), "TERM": "dumb", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [newsboat, *files, "-x", "reload", "print-unread"],
        capture_output=True, text=True, timeout=60, env=environment, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "6 unread articles"


def test_the_secret_of_a_feed_reader_opens_nothing_else(archive: Retrieving) -> None:
    given = f"GoogleLogin auth={log_in(archive)[1]}"
    assert archive.get(f"{BASE}/reader/api/0/user-info", Authorization=given)[0] == 200  # the control
    assert archive.get("/api/v1/runs", Authorization=given)[0] == 401


@pytest.mark.parametrize(
    "fields", [{"ot": "9" * 17}, {"ot": "9" * 40}, {"c": "9" * 20}, {"ot": "-" + "9" * 17}, {"c": "-" + "9" * 20}]
)
def test_a_number_out_of_range_is_refused(archive: Retrieving, client: Client, fields: dict[str, str]) -> None:
    path = f"{BASE}/reader/api/0/stream/items/ids?{urlencode(fields)}"
    assert archive.get(path, Authorization=client._auth)[0] == 422


@pytest.mark.parametrize("item", ["tag:google.com,2005:reader/item/ffffffffffffffff", "9" * 20, "-" + "9" * 20])
def test_the_id_of_no_item_is_refused(archive: Retrieving, client: Client, item: str) -> None:
    path, body = f"{BASE}/reader/api/0/stream/items/contents", urlencode({"i": item}).encode()
    assert archive.send_body("POST", path, body, FORM, Authorization=client._auth)[0] == 422


def test_unread_items_are_counted_by_source_and_label(client: Client) -> None:
    state = "user/-/state/com.google/"
    first = {one["id"]: one for one in client.get("unread-count")["unreadcounts"]}
    [newest, *_] = [one["timestampUsec"] for one in client.get("stream/contents/feed/example")["items"]]
    client.post("mark-all-as-read", ("s", "feed/example"))
    second = {one["id"]: one["count"] for one in client.get("unread-count")["unreadcounts"]}

    assert {name: one["count"] for name, one in first.items()} == {
        "feed/example": 5, "feed/other": 1, f"{state}reading-list": 6, "user/-/label/news": 5,
        "user/-/label/default": 1, "user/-/label/ships": 1,
    }  # fmt: skip
    assert first["feed/example"]["newestItemTimestampUsec"] == newest
    assert second == {
        "feed/other": 1, f"{state}reading-list": 1, "user/-/label/default": 1, "user/-/label/ships": 1
    }  # fmt: skip


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that any database gets meanwhile."""
    said: list[str] = []

    def hear(*facts: Any) -> None:
        said.append(facts[2])

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_lists_of_ids_and_marks_read_no_text(client: Client) -> None:
    with statements() as said:
        [ref, *_] = client.get("stream/items/ids", s="feed/other")["itemRefs"]
        client.post("edit-tag", ("i", ref["id"]), ("a", "user/-/state/com.google/starred"))
        client.post("mark-all-as-read", ("s", "feed/other"))
        counted = [one["id"] for one in client.get("unread-count")["unreadcounts"]]
    with statements() as control:
        client.titles("feed/other")

    assert "feed/other" not in counted and "feed/example" in counted
    assert not [one for one in said if "texts.content" in one]
    assert [one for one in control if "texts.content" in one]


def change(archive: Retrieving, auth: str, path: str, **fields: str) -> tuple[int, str]:
    status, answer = archive.send_body(
        "POST", f"{BASE}/reader/api/0/subscription/{path}", urlencode(fields).encode(), FORM,
        Authorization=f"GoogleLogin auth={auth}",
    )  # fmt: skip
    return status, answer.decode()


@pytest.fixture
def curator(archive: Retrieving) -> str:
    archive.service.access.add_person("clara", Role.CURATE, PASSWORD)
    return log_in(archive, "clara")[1]


def test_a_curator_tags_and_removes_sources_and_a_reader_does_not(archive: Retrieving, curator: str) -> None:
    reader = log_in(archive)[1]
    edit = {"ac": "edit", "s": "feed/other", "a": "user/-/label/海事", "r": "user/7/label/ships"}
    refused = [change(archive, reader, "edit", **edit)[0], change(archive, reader, "quickadd", quickadd="x")[0]]
    kept = archive.service.sources.get("other").tags
    tagged = change(archive, curator, "edit", **edit)
    tags = archive.service.sources.get("other").tags
    removed = change(archive, curator, "edit", ac="unsubscribe", s="feed/example")

    assert (refused, kept) == ([403, 403], ("ships",))
    assert (tagged, tags) == ((200, "OK"), ("海事",))
    assert removed == (200, "OK")
    assert list(archive.service.sources.names) == ["other"]
    assert [row.entry.action for row in archive.service.access.trail.newest(limit=2)] == [
        f"POST {BASE}/reader/api/0/subscription/edit"
    ] * 2


def test_a_subscription_to_a_known_url_is_the_source_that_has_it(archive: Retrieving, curator: str) -> None:
    added = json.loads(change(archive, curator, "quickadd", quickadd="http://b.example")[1])
    fields = {"ac": "subscribe", "s": "feed/https://b.example/", "a": "user/-/label/sea"}
    subscribed = change(archive, curator, "edit", **fields)

    assert (added["streamId"], added["numResults"]) == ("feed/other", 1)
    assert subscribed == (200, "OK")
    assert archive.service.sources.get("other").tags == ("ships", "sea")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"ac": "subscribe", "s": "feed/http://127.0.0.1:1/"}, 403),
        ({"ac": "subscribe", "s": "feed/ftp://files.example/"}, 422),
        ({"ac": "edit", "s": "feed/nobody", "a": "user/-/label/x"}, 404),
        ({"ac": "unsubscribe", "s": "feed/nobody"}, 404),
        ({"ac": "edit", "s": "feed/other", "a": "user/-/label/a\nb"}, 422),
        ({"ac": "rename", "s": "feed/other"}, 422),
    ],
)
def test_a_subscription_that_can_t_be_is_refused_and_changes_nothing(
    archive: Retrieving, curator: str, fields: dict[str, str], status: int
) -> None:
    answer = change(archive, curator, "edit", **fields)

    assert answer[0] == status, answer
    files = archive.service.settings.sources
    assert {file.stem: file.read_text() for file in files.glob("*.yaml")} == FILES


def test_an_invalid_tag_is_explained_in_a_sentence(archive: Retrieving, curator: str) -> None:
    status, told = change(archive, curator, "edit", ac="edit", s="feed/other", a="user/-/label/a/b")

    assert (status, "invalid tag" in told, "pydantic" in told) == (422, True, False)


def test_tags_of_snapshots_are_labels_that_a_curator_gives_and_takes(archive: Retrieving, curator: str) -> None:
    clara, anna = Client(archive, curator), Client(archive, log_in(archive)[1])
    first, second, *_ = [one["id"] for one in anna.get("stream/items/ids", s="feed/example")["itemRefs"]]
    label = ("a", "user/-/label/海事 1")
    body = urlencode([("i", first), label, ("a", "user/-/label/read")]).encode()
    path = f"{BASE}/reader/api/0/edit-tag"
    refused = archive.send_body("POST", path, body, FORM, Authorization=anna._auth)
    before = [tag["id"] for tag in anna.get("tag/list")["tags"]]
    clara.post("edit-tag", ("i", first), ("i", second), label, ("a", "user/-/label/read"))
    listed, stream = anna.get("tag/list")["tags"], anna.titles("user/9/label/海事 1")
    unread = anna.titles("feed/example", xt="user/-/state/com.google/read")
    [item] = json.loads(anna.post("stream/items/contents", ("i", first)))["items"]
    clara.post("edit-tag", ("i", second), ("r", label[1]))
    rows = [row.entry for row in archive.service.access.trail.newest(limit=9) if "edit-tag" in row.entry.action]

    assert refused[0] == 403 and "the role curate is needed" in refused[1].decode()
    assert "user/-/label/海事 1" not in before
    assert {"id": "user/-/label/海事 1", "type": "tag"} in listed
    assert stream == ["Day 4", "Day 3"] and anna.titles("user/-/label/海事 1") == ["Day 4"]
    assert len(unread) == 5, "a label named like a state is none"
    assert "user/-/label/海事 1" in item["categories"] and "user/-/label/news" not in stream
    assert [(row.who, row.outcome) for row in rows] == [("person clara", "done")] * 2


def test_a_label_is_of_sources_and_of_snapshots(archive: Retrieving, curator: str) -> None:
    clara = Client(archive, curator)
    [first, *_] = [one["id"] for one in clara.get("stream/items/ids", s="feed/example")["itemRefs"]]
    clara.post("edit-tag", ("i", first), ("a", "user/-/label/ships"))

    assert clara.titles("user/-/label/ships") == ["Other", "Day 4"]
    assert clara.titles("user/-/label/default") == ["Other", "Day 4", "Day 3", "Day 2", "Day 1", "Day 0"]
