"""Values of source files that may be secret are shown to admins only, wherever the shown text comes from."""

from __future__ import annotations

import html
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from services.retrieving import Retrieving
from services.source_forms import FORM, archive_with, fields_of

from pressmark.service.access.roles import Role

OPEN = "source: harbour\nseeds: [http://news.example/]\nwalk: site\n"
COOKIES = "cookies: {session: S3CRETVALUE}\n"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=OPEN) as made:
        yield made


def bearer(archive: Retrieving, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {archive.service.access.add_token(role.value, role)[1]}"}


def save(archive: Retrieving, text: str, caller: dict[str, str]) -> int:
    fields = fields_of(archive.get("/sources/harbour/edit", **caller)[2].decode())
    body = urlencode(fields | {"text": text}).encode()
    return archive.send_body("POST", "/sources/harbour/edit", body, FORM, **caller)[0]


def shown(archive: Retrieving, caller: dict[str, str]) -> dict[str, tuple[int, bool]]:
    """Return for each page the status, and whether it shows the secret."""
    pages = {action: archive.get(f"/sources/harbour/{action}", **caller) for action in ("edit", "duplicate")}
    return {action: (status, b"S3CRETVALUE" in page) for action, (status, _, page) in pages.items()}


def test_a_curator_does_not_read_the_former_text_with_cookies(archive: Retrieving) -> None:
    """With its controls: an admin reads it, and a curator reads the present text."""
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    saved = [save(archive, OPEN + COOKIES, admin), save(archive, OPEN, admin)]
    former = [archive.get("/sources/harbour/edit?former=true", **caller) for caller in (admin, curator)]

    assert saved == [303, 303]
    assert [(status, b"S3CRETVALUE" in page) for status, _, page in former] == [(200, True), (403, False)]
    assert shown(archive, curator) == {"edit": (200, False), "duplicate": (200, False)}


@pytest.mark.parametrize("typo", ["", "wlak: x\n"])
@pytest.mark.parametrize("read", [False, True])
def test_a_curator_does_not_read_cookies_that_an_editor_wrote_into_the_file(
    archive: Retrieving, typo: str, read: bool
) -> None:
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    file = archive.service.settings.sources / "harbour.yaml"
    assert archive.service.sources.names
    file.write_text(OPEN + COOKIES + typo)
    if read:
        archive.service.sources.reload()

    assert shown(archive, curator) == {"edit": (403, False), "duplicate": (403, False)}
    assert shown(archive, admin)["edit"] == (422 if typo else 200, True)


def test_a_curator_saves_no_text_that_the_curator_could_not_read_afterwards(archive: Retrieving) -> None:
    """As over the API. With its controls: a text without secrets is saved, and an admin saves one with them."""
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    file = archive.service.settings.sources / "harbour.yaml"
    statuses = [save(archive, OPEN + COOKIES, curator)]
    written = [file.read_text() == OPEN]
    statuses += [save(archive, OPEN + "# new\n", curator), save(archive, OPEN + "typo: 1\n", curator)]
    statuses += [save(archive, OPEN + COOKIES, admin)]
    written += [file.read_text() == OPEN + COOKIES]

    assert (statuses, written) == ([403, 303, 422, 303], [True, True])


def test_a_curator_does_not_overwrite_cookies_that_the_service_has_not_read(archive: Retrieving) -> None:
    curator = bearer(archive, Role.CURATE)
    fields = fields_of(archive.get("/sources/harbour/edit", **curator)[2].decode())
    file = archive.service.settings.sources / "harbour.yaml"
    file.write_text(OPEN + COOKIES)
    answers = {
        action: archive.send_body("POST", f"/sources/harbour/{action}", urlencode(fields).encode(), FORM, **curator)
        for action in ("edit", "preview", "fields", "remove")
    }

    assert [status for status, _ in answers.values()] == [403, 403, 403, 200]
    assert not any(b"S3CRETVALUE" in page for _, page in answers.values())


def test_a_removed_source_leaves_no_former_text(archive: Retrieving) -> None:
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    former = archive.service.settings.sources / ".good" / "former" / "harbour.yaml"
    save(archive, OPEN + COOKIES, admin)
    save(archive, OPEN + COOKIES + "# the same\n", admin)
    kept = "S3CRETVALUE" in former.read_text()
    removed, _ = archive.send_body("POST", "/sources/harbour/remove", b"", FORM, **curator)
    added, _ = archive.send_body("POST", "/add/write", urlencode({"text": OPEN}).encode(), FORM, **curator)

    assert (kept, removed, added) == (True, 200, 303)
    assert not former.exists()
    assert b"S3CRETVALUE" not in archive.get("/sources/harbour/edit?former=true", **curator)[2]


NEW = {"source": "port", "seeds": ["http://port.example/"]}
PLAIN = {
    "cookies.session": {"cookies": {"session": "S3CRETVALUE"}},
    "headers.X-Key": {"headers": {"X-Key": "S3CRETVALUE"}},
    "login.fields.word": {"login": {"url": "http://port.example/in", "fields": {"word": "S3CRETVALUE"}}},
    "scrapy.FTP_PASSWORD": {"seeds": [], "spider": "a.py:A", "scrapy": {"FTP_PASSWORD": "S3CRETVALUE"}},
    "arguments.key": {"seeds": [], "spider": "a.py:A", "arguments": {"key": "S3CRETVALUE"}},
}
IN_URLS = {
    "seeds.0": {"seeds": ["http://port.example/?page=2&api_key=S3CRETVALUE"]},
    "scope.include.0": {"scope": {"include": ["re:https://reader:S3CRETVALUE@port[.]example/"]}},
    "scope.fetch": {"scope": {"fetch": {"http://port.example/x;%74oken=S3CRETVALUE": "browser"}}},
    "login.url": {
        "login": {"url": "http://port.example/in#access_token=S3CRETVALUE", "fields": {"a": {"secret": "QUAY"}}}
    },
    "seeds.1": {"seeds": ["http://port.example/", "http://port.example/?api-key=S3CRETVALUE"]},
    "contact": {"contact": "http://port.example/?to=http%3A%2F%2Fa%2F%3Ftoken%3DS3CRETVALUE"},
}
"""Each in another key, and in another part of a URL."""
Door = Callable[[Retrieving, dict[str, Any], dict[str, str]], tuple[int, str]]


def by_api(archive: Retrieving, keys: dict[str, Any], caller: dict[str, str]) -> tuple[int, str]:
    body = json.dumps(keys).encode()
    status, answer = archive.send_body("POST", "/api/v1/sources", body, "application/json", **caller)
    return status, answer.decode()


def by_dry_run(archive: Retrieving, keys: dict[str, Any], caller: dict[str, str]) -> tuple[int, str]:
    return by_api(archive, keys | {"dry_run": True}, caller)


def by_list(archive: Retrieving, keys: dict[str, Any], caller: dict[str, str]) -> tuple[int, str]:
    """Import a list of one URL; a refusal is a line of the answer."""
    listed = urlsafe_b64encode(keys["seeds"][0].encode()).decode()
    body = urlencode({"list": listed}).encode()
    status, page = archive.send_body("POST", "/add/list/write", body, FORM, **caller)
    told = html.unescape(page.decode())
    return 403 if "only an admin" in told else status, told


def by_page(archive: Retrieving, keys: dict[str, Any], caller: dict[str, str]) -> tuple[int, str]:
    status, page = archive.send_body(
        "POST", "/add/write", urlencode({"text": json.dumps(keys)}).encode(), FORM, **caller
    )
    return status, html.unescape(page.decode())


def permit_secret(archive: Retrieving) -> None:
    secret = archive.service.settings.home / "secrets" / "QUAY"
    secret.parent.mkdir(mode=0o700)
    secret.write_text("S3CRETVALUE")
    secret.chmod(0o600)


@pytest.mark.parametrize(("door", "saved"), [(by_api, 201), (by_dry_run, 200), (by_page, 303)])
def test_a_curator_adds_no_source_with_values_that_may_be_secret(archive: Retrieving, door: Door, saved: int) -> None:
    """With its controls: one without them is saved, one with the name of a secret, and that of an admin."""
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    file = archive.service.settings.sources / "port.yaml"
    for key, values in PLAIN.items():
        status, told = door(archive, NEW | values, curator)
        assert (status, file.exists()) == (403, False)
        assert f"only an admin may save values that may be secret: {key} (line " in told
        assert "write {secret: NAME} in their place" in told

    permit_secret(archive)
    assert door(archive, NEW, curator)[0] == saved
    assert door(archive, NEW | {"source": "quay", "cookies": {"session": {"secret": "QUAY"}}}, curator)[0] == saved
    assert door(archive, NEW | {"source": "pier"} | PLAIN["cookies.session"], admin)[0] == saved


@pytest.mark.parametrize(
    ("door", "saved"),
    [
        (by_api, 201),
        pytest.param(by_dry_run, 200, marks=pytest.mark.costly),
        pytest.param(by_page, 303, marks=pytest.mark.costly),
        (by_list, 200),
    ],
)
def test_a_curator_adds_no_source_with_secrets_in_its_urls(archive: Retrieving, door: Door, saved: int) -> None:
    """With its controls: parameters of other names, a name without a value, a pattern, and an admin."""
    admin, curator = bearer(archive, Role.ADMIN), bearer(archive, Role.CURATE)
    permit_secret(archive)
    file = archive.service.settings.sources / "port.yaml"
    for key, values in (IN_URLS if door is by_api else dict([*IN_URLS.items()][:1])).items():
        status, told = door(archive, NEW | values, curator)
        assert (status, file.exists()) == (403, False), told
        assert f"only an admin may save values that may be secret: {key}" in told
        assert "leave them out, or ask an admin to save them" in told
        assert "S3CRETVALUE" not in json.dumps(archive.service.access.trail.newest(limit=1)[0].entry.after)
    assert [*archive.service.sources.names] == ["harbour"]

    free = {"seeds": ["http://port.example/?page=2&token=&q=a"], "scope": {"exclude": [r"re:[?&]token=[^&]*"]}}
    assert door(archive, NEW | free, curator)[0] == saved
    assert door(archive, NEW | {"source": "pier"} | IN_URLS["seeds.0"], admin)[0] == saved


def test_an_invalid_source_is_named_as_that_before_its_secrets(archive: Retrieving) -> None:
    curator = bearer(archive, Role.CURATE)
    for door in (by_api, by_page):
        assert door(archive, NEW | PLAIN["cookies.session"] | {"walk": "moon"}, curator)[0] == 422


def test_a_curator_who_saves_a_text_keeps_what_was_typed(archive: Retrieving) -> None:
    curator = bearer(archive, Role.CURATE)
    fields = fields_of(archive.get("/sources/harbour/edit", **curator)[2].decode()) | {"text": OPEN + COOKIES}
    status, page = archive.send_body("POST", "/sources/harbour/edit", urlencode(fields).encode(), FORM, **curator)

    assert status == 403
    assert "cookies.session (line 4)" in page.decode()
    assert fields_of(page.decode())["text"] == OPEN + COOKIES


def test_no_door_shows_the_secret_in_a_start_url_that_an_admin_saved(archive: Retrieving) -> None:
    """With its controls: the rest of the URL is shown, also to readers, and the file has all of it."""
    admin, reader = bearer(archive, Role.ADMIN), bearer(archive, Role.READ)
    seed = "http://port.example/?page=2&api_key=S3CRETVALUE"
    assert by_api(archive, NEW | {"seeds": [seed]}, admin)[0] == 201
    wrong = archive.service.settings.sources / "wrong.yaml"
    wrong.write_text("source: wrong\nseeds: [ftp://port.example/?api_key=S3CRETVALUE]\nwalk: site\n")
    archive.service.sources.reload()
    paths = ["/api/v1/sources", "/api/v1/sources/port", "/sources", "/sources/port", "/", "/captures?url=port.example"]
    answers = {path: archive.get(path, **reader) for path in paths}

    assert {path: status for path, (status, _, _) in answers.items()} == dict.fromkeys(paths, 200)
    assert [path for path, (_, _, answer) in answers.items() if b"S3CRETVALUE" in answer] == []
    for path in ("/api/v1/sources", "/api/v1/sources/port", "/sources/port"):
        assert "http://port.example/?page=2&api_key=[redacted]" in html.unescape(answers[path][2].decode())
    assert b"ftp://port.example/?api_key=[redacted]" in answers["/sources"][2]
    assert seed in archive.get("/sources/port/edit", **admin)[2].decode().replace("&amp;", "&")
    assert archive.get("/sources/port/edit", **reader)[0] == 403

    [copied] = json.loads(archive.get("/api/v1/sources/port", **admin)[2])["seeds"]
    status, told = by_api(archive, {"source": "copy", "seeds": [copied], "walk": "site"}, admin)
    assert (status, "[redacted] in the place of a value" in told) == (422, True), told


def test_the_address_of_a_single_page_is_archived_as_it_is_and_no_secret_is_filled_into_it(archive: Retrieving) -> None:
    """The trail does not have it; a reader of captures has."""
    permit_secret(archive)
    trigger = bearer(archive, Role.TRIGGER)
    asked = ["http://port.example/?api_key=own", "http://port.example/?k={secret:QUAY}", "http://port.example/$QUAY"]
    runs = []
    for url in asked:
        body = json.dumps({"url": url}).encode()
        status, answer = archive.send_body("POST", "/api/v1/runs", body, "application/json", **trigger)
        assert status == 202, answer
        runs.append(json.loads(answer)["url"])
    userinfo = json.dumps({"url": "http://reader:own@port.example/"}).encode()
    status, _ = archive.send_body("POST", "/api/v1/runs", userinfo, "application/json", **trigger)

    assert runs == asked
    assert status == 422, "it has a user name and a password"
    rows = [row.entry for row in archive.service.access.trail.newest(limit=9)]
    assert "own" not in str(rows)
    asked = [row.target for row in rows if row.outcome == "202"]
    assert "http://port.example/?api_key=[redacted]" in asked
