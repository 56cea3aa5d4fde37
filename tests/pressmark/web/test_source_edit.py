"""Change, duplicate and remove a source in the pages, as a browser without scripts does."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import ARTICLE, HOME, Retrieving
from services.source_forms import FORM, archive_with, fields_of

from pressmark.service.access.roles import Role

TEXT = """\
# The harbour news.
source: harbour
seeds: [http://news.example/]
walk: site
# Only the news.
scope: {include: [/a]}
timetable: {cron: "30 6 * * *", timezone: Asia/Shanghai}  # before work
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=TEXT) as made:
        yield made


def send(archive: Retrieving, action: str, fields: dict[str, str], name: str = "harbour") -> tuple[int, str]:
    body = urlencode(fields).encode()
    status, answer = archive.send_body("POST", f"/sources/{name}/{action}", body, FORM)
    return status, answer.decode()


def verdicts(page: str) -> dict[str, str]:
    """Return yes or no for each tested URL."""
    rows = html.fromstring(page).xpath("//div[@id='outcome']//tbody/tr")
    return {row[1].text_content(): row[0].text_content() for row in rows}


def test_a_saved_change_is_in_the_file_with_its_comments_and_the_former_text_can_be_shown(archive: Retrieving) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit"))
    status, _ = send(archive, "edit", fields | {"text": fields["text"].replace("30 6", "45 7")})
    file = archive.service.settings.sources / "harbour.yaml"
    later = archive.text("/sources/harbour/edit")
    former = fields_of(archive.text("/sources/harbour/edit?former=true"))
    back, _ = send(archive, "edit", former)

    assert (status, back) == (303, 303)
    assert "45 7 * * *" in fields_of(later)["text"]
    assert former["text"] == TEXT == file.read_text()
    assert "Show the file as it was before its last change on this page" in later


def test_the_next_ten_times_are_those_of_the_typed_text_and_nothing_is_written(archive: Retrieving) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit"))
    status, page = send(archive, "preview", fields | {"text": fields["text"].replace("30 6", "45 7")})
    times = [item.text_content() for item in html.fromstring(page).xpath("//ul[@class='times']/li")]

    assert status == 200
    assert len(times) == 10
    assert all("07:45" in time for time in times)
    assert archive.service.sources.get("harbour").timetable.cron == "30 6 * * *"  # type: ignore[union-attr]


def test_the_scope_as_typed_is_tested_on_real_urls_with_the_reason(archive: Retrieving) -> None:
    page = archive.text("/sources/harbour/edit")
    fields = fields_of(page)
    typed = fields | {"urls": f"{ARTICLE}\nnews.example/b\nhttps://other.example/a\nftp://a.example/"}
    _, now = send(archive, "preview", typed)
    _, wider = send(archive, "preview", typed | {"text": fields["text"].replace("[/a]", "[/a, /b]")})

    assert HOME in fields["urls"].splitlines()
    assert verdicts(now) == {
        ARTICLE: "yes", "https://news.example/b": "no", "https://other.example/a": "no", "ftp://a.example/": "no"
    }  # fmt: skip
    assert "the page is included by the pattern &#39;/a&#39;" in now
    assert "the page matches none of the URLs to include (scope.include)" in now
    assert verdicts(wider)["https://news.example/b"] == "yes"


def test_the_fields_write_the_file_and_the_file_fills_the_fields(archive: Retrieving) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit"))
    assert (fields["rhythm"], fields["when"], fields["include"]) == ("cron", "30 6 * * *", "/a")

    wanted = {
        "rhythm": "every",
        "when": "6h",
        "timezone": "",
        "exclude": "/a/old\n/a/tags",
        "delay": "3s",
        "depth": "4",
    }
    status, page = send(archive, "fields", fields | wanted)
    written = fields_of(page)
    _, filled = send(archive, "preview", written | {"text": written["text"].replace("6h", "8h")})

    assert status == 200
    assert "# The harbour news.\n" in written["text"] and "# Only the news.\n" in written["text"]
    assert "every: 6h" in written["text"] and "cron" not in written["text"]
    assert "exclude: [/a/old, /a/tags]" in written["text"] and "depth: 4" in written["text"]
    assert fields_of(filled)["when"] == "8h"
    assert (archive.service.settings.sources / "harbour.yaml").read_text() == TEXT, "it is saved by another button"


def test_saving_writes_the_changed_fields_too_and_the_preview_shows_them(archive: Retrieving) -> None:
    """A person who changes a field presses the button that saves: nothing may be dropped without a word."""
    fields = fields_of(archive.text("/sources/harbour/edit"))
    changed = fields | {"when": "15 8 * * *", "text": fields["text"].replace("[/a]", "[/b]"), "tags": "ships"}
    _, previewed = send(archive, "preview", changed)
    status, _ = send(archive, "edit", changed)
    written = (archive.service.settings.sources / "harbour.yaml").read_text()

    assert "08:15" in html.fromstring(previewed).xpath("string(//ul[@class='times'])")
    assert status == 303
    assert "15 8 * * *" in written and "[/b]" in written and "ships" in written
    assert "# Only the news." in written and "# before work" in written


def test_a_setting_that_field_and_text_change_differently_is_refused_and_both_stay(archive: Retrieving) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit"))
    text = fields["text"].replace("30 6", "45 7")
    status, page = send(archive, "edit", fields | {"when": "15 8 * * *", "text": text})
    kept = fields_of(page)
    same, _ = send(archive, "edit", fields | {"when": "45 7 * * *", "text": text})

    assert (status, same) == (422, 303)
    assert "to different values (when)" in page
    assert (kept["when"], kept["text"], kept["was"]) == ("15 8 * * *", text, fields["was"])


@pytest.mark.parametrize(
    ("rhythm", "when", "written"),
    [
        ("at", "06:30, 18:30", "at: ["),
        ("adaptive", "15m - 30d", "adaptive: {min: 15m}"),
        ("cron", "@daily", 'cron: "@daily"'),
        ("", "", None),
    ],
)
def test_each_kind_of_timetable_can_be_chosen(archive: Retrieving, rhythm: str, when: str, written: str | None) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit"))
    status, page = send(archive, "fields", fields | {"rhythm": rhythm, "when": when})
    again = fields_of(page)

    assert status == 200
    assert (written is None and "timetable" not in again["text"]) or (written or "") in again["text"]
    assert again["rhythm"] == rhythm


@pytest.mark.parametrize(
    ("action", "change", "told"),
    [
        ("preview", {"text": "source: harbour\nseed: x\n"}, "seed"),
        ("edit", {"text": TEXT.replace("30 6", "99 6")}, "line 7"),
        ("edit", {"text": TEXT.replace("source: harbour", "source: port")}, "these sources and no others: harbour"),
        ("edit", {"text": TEXT + "addresses: [10.0.0.0/8]\n"}, "addresses"),
        ("edit", {"seen": "0" * 64}, "was changed while you edited it"),
        ("fields", {"rhythm": "every", "when": "often"}, "often"),
        ("fields", {"depth": "deep"}, "depth"),
    ],
)
def test_a_refused_change_is_explained_keeps_what_was_typed_and_writes_nothing(
    archive: Retrieving, action: str, change: dict[str, str], told: str
) -> None:
    fields = fields_of(archive.text("/sources/harbour/edit")) | change
    status, page = send(archive, action, fields)
    shown = fields_of(page)

    assert status == 422
    assert told in unescape(page.partition('id="outcome"')[2])
    assert {key: shown[key] for key in change} == change
    assert (archive.service.settings.sources / "harbour.yaml").read_text() == TEXT


def test_a_duplicate_has_another_name_and_keeps_the_comments(archive: Retrieving) -> None:
    text = fields_of(archive.text("/sources/harbour/duplicate"))["text"]

    assert text == TEXT.replace("source: harbour", "source: harbour-2")


def test_a_removed_source_can_be_added_again_from_the_page_that_says_so(archive: Retrieving) -> None:
    file = archive.service.settings.sources / "harbour.yaml"
    asked = archive.text("/sources/harbour/remove")
    status, page = send(archive, "remove", {})
    gone = file.exists(), archive.get("/sources/harbour")[0]
    again, _ = archive.send_body("POST", "/add/write", urlencode(fields_of(page)).encode(), FORM)

    assert str(file) in asked
    assert (status, *gone, again) == (200, False, 404, 303)
    assert file.read_text() == TEXT


def test_a_source_of_a_file_of_several_is_changed_copied_and_removed_alone(tmp_path: Path) -> None:
    both = "sources:\n- source: one\n  seeds: [http://a.example/]\n- source: two\n  seeds: [http://b.example/]\n"
    with archive_with(tmp_path, both=both) as archive:
        file = archive.service.settings.sources / "both.yaml"
        page = archive.text("/sources/two/edit")
        copy = fields_of(archive.text("/sources/two/duplicate"))["text"]
        changed, written = send(archive, "fields", fields_of(page) | {"rhythm": "every", "when": "1d"}, "two")
        saved, _ = send(archive, "edit", fields_of(written), "two")
        sources = archive.service.sources
        times = [sources.get(name).timetable is not None for name in ("one", "two")]
        removed, _ = send(archive, "remove", {}, "one")

        assert "This file also describes other sources; do not remove or rename them here: one" in page
        assert copy.startswith("source: two-2\n") and "one" not in copy
        assert (changed, saved, removed) == (200, 303, 200)
        assert times == [False, True]
        assert list(sources.names) == ["two"]
        assert "source: one" not in file.read_text()


def test_only_an_admin_reads_a_file_with_cookies(tmp_path: Path) -> None:
    """With its control: a file without them is open to the role curate, and its change is in the audit trail."""
    cookies = "source: closed\nseeds: [http://a.example/]\ncookies: {session: xyz}\n"
    with archive_with(tmp_path, harbour=TEXT, closed=cookies) as archive:
        access = archive.service.access
        keys = {role: f"Bearer {access.add_token(role.value, role)[1]}" for role in (Role.CURATE, Role.ADMIN)}
        seen = {
            (name, role.value): archive.get(f"/sources/{name}/{action}", Authorization=key)[0]
            for name in ("harbour", "closed")
            for action in ("edit", "duplicate")
            for role, key in keys.items()
        }
        bearer = {"Authorization": keys[Role.CURATE]}
        fields = fields_of(archive.get("/sources/harbour/edit", **bearer)[2].decode())
        body = urlencode(fields | {"text": TEXT.replace("30 6", "45 7")}).encode()
        saved, _ = archive.send_body("POST", "/sources/harbour/edit", body, FORM, **bearer)
        refused, _ = archive.send_body("POST", "/sources/closed/edit", body, FORM, **bearer)
        removed, page = archive.send_body("POST", "/sources/closed/remove", b"", FORM, **bearer)
        trail = {
            row.entry.target: row.entry for row in access.trail.newest(limit=9) if row.entry.outcome in ("200", "303")
        }

    assert {key for key, status in seen.items() if status != 200} == {("closed", "curate")}
    assert (saved, refused, removed) == (303, 403, 200)
    assert b"xyz" not in page
    assert "30 6" in (trail["harbour"].before or "") and "45 7" in (trail["harbour"].after or "")
    assert "[redacted]" in (trail["closed"].before or "")
