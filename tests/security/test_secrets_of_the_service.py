"""Who may add a source can't send the service's own secrets to a site: not by any key of a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import LOOPBACK, Run, archiving
from crawling.site import Reply, Site, html, serving
from journeys.household import Household

from config.groups.permissions import Permissions
from config.source_files.parse import parse_sources

TOKEN, STORE_KEY, OTHER = "canary-of-the-token-012345", "canary-of-the-store-key", "canary-of-another-program"
NAMES = ("PRESSMARK_TOKEN", "pressmark_s3__secret_key", "AWS_SECRET_ACCESS_KEY", "PASSWORD_OF_ANOTHER_PROGRAM")
SPIDER = (
    "import scrapy\nclass Telling(scrapy.Spider):\n    name = 'telling'\n"
    "    def __init__(self, base, word): super().__init__(); self.base, self.word = base, word\n"
    "    async def start(self):\n"
    "        yield scrapy.Request(f'{self.base}/?{self.word}', headers={'X-Word': self.word})\n"
)
KEYS = {
    "headers": "headers: {{X-A: {{secret: {name}}}}}",
    "cookies": "cookies: {{a: {{secret: {name}}}}}",
    "login": "login: {{url: '{url}/in', fields: {{word: {{secret: {name}}}}}}}",
    "proxy": "proxy: {{secret: {name}}}",
    "arguments": "arguments: {{base: '{url}', word: {{secret: {name}}}}}",
}


@pytest.fixture
def household(tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    household.environment |= {
        "PRESSMARK_TOKEN": TOKEN,
        "pressmark_s3__secret_key": STORE_KEY,
        "AWS_SECRET_ACCESS_KEY": STORE_KEY,
        "PASSWORD_OF_ANOTHER_PROGRAM": OTHER,
    }
    (tmp_path / "home" / "spiders").mkdir(parents=True)
    (tmp_path / "home" / "spiders" / "telling.py").write_text(SPIDER)
    return household


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        form = html(text="<form method=post action=/sent><input name=word></form>")
        site.routes |= {"/robots.txt": Reply(404), "/in": form, "/sent": html(text="in")}
        site.otherwise = lambda asked: html(text="a page")
        yield site


def described(site: Site, name: str, key: str, secret: str) -> str:
    kind = "spider: telling.py:Telling" if key == "arguments" else f"seeds: ['{site.url}/']\nwalk: page"
    return (
        f"source: {name}\n{kind}\naddresses: [127.0.0.0/8]\npoliteness: {{delay: 0s}}\n"
        f"{KEYS[key].format(name=secret, url=site.url)}\n"
    )


def received(site: Site) -> str:
    return "".join(f"{asked.path}{asked.headers}{asked.body!r}" for asked in site.asked)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", KEYS)
def test_no_key_of_a_source_sends_a_secret_of_the_service_to_a_site(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, key: str, name: str
) -> None:
    monkeypatch.setenv(name, "canary")
    (tmp_path / "telling.py").write_text(SPIDER)
    [source] = parse_sources(described(site, "a", key, name))
    files: dict[str, Path] = {"spiders": tmp_path, "items": tmp_path / "items"} if source.spider else {}
    with archiving() as archive:
        run = Run(tmp_path, archive)
        outcome = run(source, **files)
        assert (outcome.outcome, site.asked) == ("failed", [])
        assert f"the secret {name} is not permitted" in outcome.reason
        if name == "PASSWORD_OF_ANOTHER_PROGRAM" and key != "proxy":  # the control: it may be listed
            listed = Permissions(LOOPBACK.allow, secrets=frozenset({name}))
            run(source, **files, permissions=listed)
            assert "canary" in received(site)


@pytest.mark.parametrize("key, line", [("headers", 6), ("login", 6), ("arguments", 5)])
def test_the_refusal_names_the_line_and_the_key(household: Household, site: Site, key: str, line: int) -> None:
    household.source("a", described(site, "a", key, "PRESSMARK_TOKEN"))
    for command in (("source", "check"), ("run", "a")):
        ended = household.run(*command, code=4)

        assert f"a.yaml:{line}: {key}" in ended.out + ended.err
        assert "the secret PRESSMARK_TOKEN is not permitted" in ended.out + ended.err
    assert "canary" not in received(site)


def test_a_source_added_by_the_api_is_refused_with_the_key(household: Household, site: Site) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with household.serving() as served:
        for secret in NAMES:
            body = {"seeds": [f"{site.url}/"], "source": "a", "headers": {"X-A": {"secret": secret}}}
            answer = served.ask("POST", "/api/v1/sources", body, headers=bearer)
            assert answer.status == 422
            assert f"headers.X-A: the secret {secret} is not permitted" in answer.text
        wide: dict[str, object] = {"seeds": [f"{site.url}/"], "source": "a", "addresses": ["10.0.0.0/8"], "ports": [25]}
        answer = served.ask("POST", "/api/v1/sources", wide, headers=bearer)
        assert answer.status == 422
        assert "addresses.0: the private network 10.0.0.0/8 is not permitted" in answer.text
        assert "ports.0: the port 25 is not permitted" in answer.text
        looked = served.ask(
            "POST", "/api/v1/sources", {"url": "http://10.1.2.3/", "addresses": ["10.0.0.0/8"]}, headers=bearer
        )
        assert looked.status == 422
        assert "not permitted" in looked.text
    assert not list((household.home / "sources").glob("*.yaml"))
