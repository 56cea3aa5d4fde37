"""An operator's script for a site is run on its pages, as the behaviours are."""

from __future__ import annotations

from pathlib import Path

import pytest
from crawling.crawls import Run, events, source
from crawling.memory import MemoryArchive
from crawling.site import Reply, Site

from crawler.browser.behaviours import of_site
from crawler.policy.shared import BrowserLimits

PRESS = """(() => {
    const button = document.querySelector('#more:not(.used)');
    if (!button) return null;
    button.classList.add('used');
    button.click();
    return 'chapter opened';
})()"""
BODY = """<!doctype html><title>t</title><p>Enough text of the page itself.</p><i id=more></i><script>
more.onclick = () => document.body.append('The hidden chapter.');</script>"""


@pytest.mark.parametrize(
    ("host", "file"),
    [
        ("example.org", "example.org.js"),
        ("www.example.org", "www.example.org.js"),
        ("a.b.example.org", "example.org.js"),
        ("example.net", None),
        ("org", None),
        ("../example.org", None),
        ("", None),
    ],
)
def test_the_script_of_the_nearest_domain_is_chosen(tmp_path: Path, host: str, file: str | None) -> None:
    for name in ("example.org.js", "www.example.org.js", "org.js", "secret"):
        (tmp_path / name).write_text(name)

    found = of_site(str(tmp_path), host)

    assert (found and found.script) == file
    assert of_site("", host) is None


@pytest.mark.system
@pytest.mark.costly
@pytest.mark.parametrize(
    ("text", "behaviours", "shown"),
    [(PRESS, {"chapter opened": 1}, True), ("no script", {"127.0.0.1.js failed": 1}, False)],
)
def test_a_page_is_archived_as_its_script_leaves_it_also_if_the_script_fails(
    tmp_path: Path, archive: MemoryArchive, site: Site, text: str, behaviours: dict[str, int], shown: bool
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "127.0.0.1.js").write_text(text)
    site.routes["/p"] = Reply(body=BODY)
    run = Run(tmp_path, archive, browser=BrowserLimits(scripts=str(scripts)))

    run(source(f"{site.url}/p", walk="page", fetch="browser"))

    (event,) = [event for event in events(run) if event["event"] == "drawn"]
    assert event["behaviours"] == behaviours
    assert ("<p>Enough text" in archive.derived[0][0].body.decode()) is True
    assert ("</script>The hidden chapter." in archive.derived[0][0].body.decode()) == shown
