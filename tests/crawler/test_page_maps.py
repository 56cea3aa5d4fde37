"""Scripts in files are read with the import maps of the pages of the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.spiders import page_maps
from crawler.spiders.page_maps import PageMaps
from extractor.html.page import Page
from extractor.links.links import links


def of(url: str, imports: dict[str, str]) -> Page:
    return Page(url, f"<p>x<script type=importmap>{json.dumps({'imports': imports})}</script>".encode(), "text/html")


def script(url: str, text: str) -> Page:
    return Page(url, text.encode(), "text/javascript")


def test_a_module_that_some_page_maps_is_requested_under_its_own_address_too(tmp_path: Path) -> None:
    maps = PageMaps(tmp_path / "maps", resumed=False)
    maps.learn(of("https://e.org/new/", {"/js/a.js": "/js/a-123.js"}))

    found = maps.modules(script("https://e.org/js/main.js", "import './a.js'"))

    assert found == ["https://e.org/js/a.js", "https://e.org/js/a-123.js"]


@pytest.mark.parametrize("resumed", [False, True])
def test_a_script_is_read_with_the_maps_of_its_own_host(tmp_path: Path, *, resumed: bool) -> None:
    maps = PageMaps(tmp_path / "maps", resumed=False)
    for host in ("a", "b"):
        maps.learn(of(f"https://{host}.org/", {"three/": "/three/"}))
    maps = PageMaps(tmp_path / "maps", resumed=True) if resumed else maps
    text = "import 'three/x.js'"

    assert maps.modules(script("https://a.org/m.js", text)) == ["https://a.org/three/x.js"]
    assert maps.modules(script("https://cdn.org/m.js", text)) == ["https://b.org/three/x.js"], "that of the last page"


def test_the_file_of_maps_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_maps, "_MOST_KEPT", 1_000)
    maps = PageMaps(tmp_path / "maps", resumed=False)
    for number in range(50):
        maps.learn(of(f"https://e.org/{number}", {"lit": f"/build-{number % 2}/lit.js"}))

    assert 500 < (tmp_path / "maps").stat().st_size <= 1_000
    assert maps.modules(script("https://e.org/m.js", "import 'lit'")) == ["https://e.org/build-1/lit.js"]


def test_the_addresses_of_any_number_of_maps_in_a_page_are_found_but_only_the_first_hundred_are_joined() -> None:
    maps = "".join(
        f'<script type=importmap>{{"imports":{{"a{n}/":"/x{n}/","b{n}":"/{n}.js"}}}}</script>' for n in range(150)
    )
    body = f"{maps}<script type=module>import 'a99/m.js'; import 'a100/m.js'</script>"

    found = links(Page("https://e.org/", body.encode(), "text/html")).requisites

    assert {"https://e.org/149.js", "https://e.org/x99/m.js"} <= set(found)
    assert "https://e.org/x100/m.js" not in found
