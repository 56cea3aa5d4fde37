"""What has no address of its own (`urn:`) is in months as all captures are: found, hidden and purged with its page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.segments import SegmentFile, answered

from archive.database.closed_collections import TakenDown, hiding
from archive.index.months.stored import read_month, stored_months
from archive.values.urlkey import urlkey
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.purging import purges_of

PAGE, OTHER = "https://example.org/secret", "https://example.org/b"
OF_PAGE = (f"urn:view:{PAGE}", f"urn:pageinfo:{PAGE}")
OTHERS = (f"urn:view:{OTHER}", "urn:post:social.example:1", "dns:example.org", "urn:uuid:AB")


def command(settings: Settings, *words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(settings.home), *words])
    assert not ended.value.code


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Service]:
    """A service whose database has no rows of these captures: they are in attached months alone."""
    settings = load_settings({"home": tmp_path / "home"})
    files = [SegmentFile(tmp_path, f"20260131T12000{number}Z-1-{number}-abcd") for number in range(2)]
    for number, url in enumerate((PAGE, *OF_PAGE, OTHER, *OTHERS)):
        files[number % 2].write(answered(url, url.encode(), minute=number / 60))
    with open_pressmark(settings) as service:
        for file in files:
            service.archive.ingest(file.path)
    command(settings, "months", "write", "--before", "2026-03")
    for rows in settings.home.glob("pressmark.db*"):
        rows.unlink()
    command(settings, "months", "attach", "2026-01")
    with open_pressmark(settings) as service:
        yield service


def there(service: Service) -> dict[str, bytes]:
    """Return what each can be read by its name, and look that a listing has the same."""
    found = {}
    for url in (PAGE, *OF_PAGE, OTHER, *OTHERS):
        for one in service.archive.captures(url):
            with service.archive.open(one) as snapshot:
                found[one.url] = snapshot.payload().body
    listed = {one.url for scheme in ("urn:", "dns:") for one in service.index.captures(scheme, match="prefix")}
    assert listed == found.keys() - {PAGE, OTHER}
    return found


def test_they_are_found_by_name_and_by_prefix(alone: Service) -> None:
    assert there(alone) == {url: url.encode() for url in (PAGE, *OF_PAGE, OTHER, *OTHERS)}


def test_they_are_hidden_with_their_page(alone: Service) -> None:
    key = urlkey(PAGE)
    with hiding(TakenDown(frozenset({(key, f"{key}!")}))):
        assert there(alone).keys() == {OTHER, *OTHERS}


def test_they_are_purged_with_their_page_and_no_line_names_them(alone: Service) -> None:
    taken = alone.take_downs.add(PAGE, "a court order", by="ada")
    purges = purges_of(alone)
    plan = purges.plan(taken.id)
    done = purges.run(taken.id, plan.token, by="ada", origin="test")
    [month] = [read_month(alone.store, key) for keys in stored_months(alone.store).values() for key in keys]

    assert {one.url for one in plan.captures} == {PAGE, *OF_PAGE} and done.unreached == {}
    assert there(alone) == {url: url.encode() for url in (OTHER, *OTHERS)}
    assert month.captures == 1 + len(OTHERS)
    assert [finding for checked in audit(alone) for finding in checked.findings] == []


def test_what_names_no_page_is_purged_when_its_collection_keeps_it_no_longer(alone: Service) -> None:
    with open_pressmark(load_settings({"home": alone.settings.home, "retention": {"default": "30d"}})) as service:
        purges = purges_of(service)
        done = purges.run("retention:default", purges.plan("retention:default").token, by="ada", origin="test")
        assert there(service) == {}
        assert [finding for checked in audit(service) for finding in checked.findings] == []

    assert done.unreached == {}
    assert {one.url for one in done.plan.captures} == {PAGE, *OF_PAGE, OTHER, *OTHERS}
