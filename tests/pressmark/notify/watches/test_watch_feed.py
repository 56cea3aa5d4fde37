"""The Atom feed of a watch: its pages, the address of each entry, and a watch without hits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from specimens.versions import URL, Version, keep

from config.settings import Settings
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.watch_feed import watch_feed
from pressmark.notify.watches.watch_shapes import UnknownWatch
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

HOME = "https://archive.example.org"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = Settings(home=tmp_path / "home", watches={"kettle": {"phrases": ["kettle"]}})  # type: ignore[dict-item]
    (tmp_path / "warcs").mkdir()
    with open_pressmark(settings) as opened:
        Following(opened).follow()
        yield opened


def feed(service: Service, *, before: int | None = None, limit: int = 2) -> Tree.Element:
    return Tree.fromstring(watch_feed(service, "kettle", HOME, before=before, limit=limit))


def links(element: Tree.Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall(f"{ATOM}link")}


def test_a_watch_without_hits_has_an_empty_feed(service: Service) -> None:
    root = feed(service)

    assert root.findall(f"{ATOM}entry") == []
    assert links(root) == {
        "self": f"{HOME}/api/v1/feeds/watches/kettle",
        "alternate": f"{HOME}/watches/kettle",
    }


def test_the_pages_of_the_feed_have_each_hit_once(service: Service, tmp_path: Path) -> None:
    keep(service, tmp_path / "warcs", Version("\n".join(f"The kettle {number} & its <lid>." for number in range(5))))
    Following(service).follow()
    found, before = list[str](), None
    for _ in range(5):
        root = feed(service, before=before)
        found += [entry.findtext(f"{ATOM}summary") or "" for entry in root.findall(f"{ATOM}entry")]
        if (further := links(root).get("next")) is None:
            break
        before = int(further.partition("before=")[2])

    assert sorted(found) == [f"The kettle {number} & its <lid>." for number in range(5)]


def test_an_entry_links_to_the_archived_page_and_for_a_changed_one_to_what_changed(
    service: Service, tmp_path: Path
) -> None:
    keep(service, tmp_path / "warcs", Version("The kettle."), Version("The kettle.\nA new kettle.", minute=1))
    Following(service).follow()
    changed, new = feed(service).findall(f"{ATOM}entry")

    assert [entry.find(f"{ATOM}category").get("term") for entry in (changed, new)] == ["changed", "new"]  # type: ignore[union-attr]
    assert links(changed)["alternate"] == f"{HOME}/snapshot/20260131120100/{URL}"
    assert links(changed)["related"].startswith(f"{HOME}/diff/previous/20260131120100/")
    assert links(new) == {"alternate": f"{HOME}/snapshot/20260131120000/{URL}", "via": URL}
    assert changed.findtext(f"{ATOM}id") != new.findtext(f"{ATOM}id")


def test_an_unknown_watch_has_no_feed(service: Service) -> None:
    with pytest.raises(UnknownWatch, match="no watch named 'x'"):
        watch_feed(service, "x", HOME)
