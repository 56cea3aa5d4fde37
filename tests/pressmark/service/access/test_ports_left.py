"""A take-down of a host names the ports at which captures of the same host stay visible."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from archive.index.tallies import ports_beside
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark

PAGES = (
    "http://example.org/a",
    "https://www.example.org/b",
    "http://example.org:8080/a",
    "http://example.org:8080/b",
    "https://example.org:8443/",
    "http://sub.example.org:81/",
    "http://example.org.example.net:82/",
)


def test_the_ports_that_a_take_down_of_a_host_leaves_are_named_by_page_api_and_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        keep(service, tmp_path / "warcs", *(Version(url, url, n) for n, url in enumerate(PAGES)))
        found = [ports_beside(service.database, url) for url in (PAGES[0], PAGES[2], "http://[::1]:80/", PAGES[5])]
        one = service.take_downs.add("http://example.org/", "asked for", by="person ada", match="host")
        with served(service) as url:
            door = Retrieving(url, service, [])
            [listed] = json.loads(door.text("/api/v1/takedowns"))["items"]
            page, visible = door.text("/collections/takedowns"), door.text(f"/captures?url={PAGES[4]}")
        service.take_downs.lift(one.id, by="person ada")
        ended = service.take_downs.ports_left(service.take_downs.all()[0])
    with pytest.raises(SystemExit) as done:
        add = ["takedown", "add", "http://example.org:8080/", "--match", "host", "--reason", "asked for"]
        main(["--home", str(tmp_path / "home"), *add])
    said = capsys.readouterr().err

    assert found == [[8080, 8443], [80, 443, 8443], [], []]
    assert (listed["ports_left"], ended) == ([8080, 8443], [])
    assert "the captures of this host at other ports (8080, 8443)" in page and PAGES[4] in visible
    assert done.value.code in (0, None)
    assert "the captures of this host at other ports (80, 443, 8443); --match domain" in said
