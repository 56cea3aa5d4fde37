"""The page that a bookmark opens: what it says of the captures of a URL, and that no key presses its button."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from services.retrieving import GONE, HOME, MOVED, Retrieving, retrieving

import pressmark
from archive.values.capture import Capture

TEMPLATES = Path(pressmark.__file__).parent / "http" / "templates"


def shown(archive: Retrieving, url: str) -> str:
    return archive.text(f"/archive?url={quote(url, safe='')}")


def test_the_newest_capture_of_the_page_itself_is_cited(tmp_path: Path) -> None:
    """Neither a newer error nor a newer redirect is. With its control: a newer capture of the page."""
    with retrieving(tmp_path) as archive:
        newest = max((one for one in archive.captures if one.url == HOME), key=lambda one: one.at)
        cited = f'href="/view/cite/{newest.at:%Y%m%d%H%M%S}/{HOME}"'
        assert cited in shown(archive, HOME)
        for hours, status in enumerate((404, 302, 500), 1):
            archive.service.index.add([later(newest, hours, status)])
        page = shown(archive, HOME)
        good = later(newest, 9, 200)
        archive.service.index.add([good])
        control = shown(archive, HOME)

    assert cited in page and "This page was last archived:" in page
    assert cited not in control and f'href="/view/cite/{good.at:%Y%m%d%H%M%S}/{HOME}"' in control


def later(capture: Capture, hours: int, status: int) -> Capture:
    place = replace(capture.location, offset=capture.location.offset + 100_000 * hours)
    record = f"<urn:uuid:00000000-0000-4000-8000-00000000000{hours}>"
    at = capture.at + timedelta(hours=hours)
    return capture._replace(at=at, status=status, record_id=record, location=place)


@pytest.mark.parametrize(("url", "status"), [(GONE, 404), (MOVED, 302)])
def test_a_page_of_which_the_archive_has_other_answers_only_is_not_called_archived(
    tmp_path: Path, url: str, status: int
) -> None:
    with retrieving(tmp_path) as archive:
        page, other = shown(archive, url), shown(archive, "http://news.example/never")
    assert f"an error or a redirect, with the status {status}" in page and "/view/cite/" not in page
    assert "last archived" not in page
    assert "The archive does not have this page yet." in other, "the control"


def test_no_button_that_acts_has_the_focus_when_a_page_opens() -> None:
    """A page of another site opens ours, and a key that is held down would press it. Buttons of dialogs only close."""
    found = {}
    for path in TEMPLATES.rglob("*.html"):
        text = re.sub(r'<form method="dialog">.*?</form>', "", path.read_text("utf-8"), flags=re.DOTALL)
        if focused := re.findall(r"<(?:button|a|summary)\b(?:[^<>{]|{[{%].*?[}%]})*\bautofocus", text):
            found[path.name] = focused
    assert found == {}
    assert re.search(r"<(?:button)\b(?:[^<>{]|{[{%].*?[}%]})*\bautofocus", "<button{% if url %} autofocus{% endif %}>")


@pytest.mark.parametrize("path", ["/archive", "/add"])
def test_a_field_that_an_address_has_filled_has_no_focus(tmp_path: Path, path: str) -> None:
    """Enter in a field presses the first button of its form. With its control: an empty field."""
    with retrieving(tmp_path) as archive:
        filled, empty = archive.text(f"{path}?url=http://news.example/x"), archive.text(path)
    assert "autofocus" not in filled.partition("<main")[2].partition("</form>")[0]
    assert "autofocus" in empty.partition("<main")[2].partition("</form>")[0]
