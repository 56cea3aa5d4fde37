"""pywb reads our archive in the three ways it can: by CDX and WARC ranges, as a Memento archive, by CDX and replay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oracles.environment import NotInstalled, environment
from oracles.wayback import PINS, ask, wayback
from services.retrieving import ARTICLE, EDITED, HOME, PAGE, PICTURE, PNG, Retrieving

CONFIG = """
collections:
  viacdx:
    index: cdx+{ours}/all/cdx
    archive_paths: {ours}/warcs/
  viamem:
    index: memento+{ours}/all/
  viacdxreplay:
    index:
      type: cdx
      api_url: "{ours}/all/cdx?url={{url}}&closest={{closest}}&sort=closest&filter=!status:404"
      replay_url: "{ours}/all/{{timestamp}}id_/{{url}}"
  viarewritten:
    index:
      type: cdx
      api_url: "{ours}/all/cdx?url={{url}}&closest={{closest}}&sort=closest&filter=!status:404"
      replay_url: "{ours}/all/{{timestamp}}mp_/{{url}}"
"""
COLLECTIONS = ("viacdx", "viamem", "viacdxreplay")


@pytest.fixture(scope="module")
def port(archive: Retrieving, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    try:
        programs = environment(pytestconfig.cache.mkdir("pywb"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))
    config = CONFIG.format(ours=archive.url)
    with wayback(programs, tmp_path_factory.mktemp("pywb-client"), config=config) as listening:
        yield listening


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize(
    ("timestamp", "url", "payload"),
    [
        ("20260131120000", HOME, PAGE),
        ("20260131130000", HOME, PAGE),  # a revisit
        ("20260131150000", HOME, EDITED),
        ("20260131120100", ARTICLE, PAGE),
        ("20260131120400", PICTURE, PNG),
    ],
)
def test_a_page_replays_byte_for_byte(port: int, collection: str, timestamp: str, url: str, payload: bytes) -> None:
    status, headers, body = ask(port, f"/{collection}/{timestamp}id_/{url}")

    assert (status, body) == (200, payload)
    assert headers["memento-datetime"].startswith("Sat, 31 Jan 2026 ")


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize(
    ("timestamp", "said"),
    [
        ("20260131120000", "was delayed; 延误。"),
        ("20260131130000", "was delayed; 延误。"),
        ("20260131150000", "not delayed"),
    ],
)
def test_a_page_is_rewritten_by_pywb_itself(port: int, collection: str, timestamp: str, said: str) -> None:
    status, headers, body = ask(port, f"/{collection}/{timestamp}mp_/{HOME}")

    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert headers["memento-datetime"].startswith("Sat, 31 Jan 2026 ")
    assert said in body.decode()
    assert f'wbinfo.timestamp = "{timestamp}"' in body.decode()


@pytest.mark.parametrize("modifier", ["id_", "mp_"])
def test_pywb_follows_our_rewritten_page_to_the_origin_of_replay(port: int, modifier: str) -> None:
    status, headers, body = ask(port, f"/viarewritten/20260131120000{modifier}/{HOME}")

    assert (status, headers["memento-datetime"]) == (200, "Sat, 31 Jan 2026 12:00:00 GMT")
    assert "was delayed; 延误。" in body.decode()


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_url_without_captures_is_not_found(port: int, collection: str) -> None:
    status, headers, _ = ask(port, f"/{collection}/2026id_/http://other.example/")

    assert status == 404
    assert "memento-datetime" not in headers
