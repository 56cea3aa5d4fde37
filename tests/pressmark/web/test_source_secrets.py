"""Values of source files that may be secret are shown to admins only, wherever the shown text comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
