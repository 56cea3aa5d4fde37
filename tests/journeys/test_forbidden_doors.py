"""What sites serve beside pages leads to no forbidden address: streams, modules, sitemaps, feeds, letters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply
from journeys.forbidden import HOSTS, OURS, Trap, World, moved, named, world
from journeys.forbidden_social import bluesky, mastodon, telegram
from services.networks import needs_network

from config.groups.assistant import Assistant
from config.groups.notify import Mail
from pressmark.notify.assistant.endpoint import Endpoint, translation_of
from pressmark.notify.guarded_mail import GuardedMail, checked_socket
from pressmark.notify.http_post import Poster

pytestmark = [pytest.mark.system, pytest.mark.costly, needs_network]

PLAIN = [host for host in HOSTS if "%" not in host]
"""Hosts without a zone, which URLs can't have."""
FEW = ["10.0.0.1", "[fc00::1]"]
M3U8, MPD, XML, JS = (
    "application/vnd.apple.mpegurl",
    "application/dash+xml",
    "application/xml",
    "text/javascript",
)


def streams(hosts: Sequence[str]) -> Trap:
    master = "#EXTM3U\n" + "".join(
        f"#EXT-X-STREAM-INF:BANDWIDTH={1000 + n},RESOLUTION=64x36\n{url}\n"
        for n, url in enumerate(named(hosts, "v.m3u8"))
    )
    pieces = (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        '#EXT-X-KEY:METHOD=AES-128,URI="http://169.254.169.254/key"\n#EXT-X-MAP:URI="http://10.0.0.1/init.mp4"\n'
        + "".join(f"#EXTINF:1.0,\n{url}\n" for url in named(hosts, "s.m4s"))
        + "#EXT-X-ENDLIST\n"
    )
    open_pieces = pieces.replace('#EXT-X-KEY:METHOD=AES-128,URI="http://169.254.169.254/key"\n', "")
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-main:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="v" bandwidth="6" codecs="avc1.42c00a" '
        'width="64" height="36"><BaseURL>http://2852039166/</BaseURL><SegmentList timescale="1" duration="1">'
        '<Initialization sourceURL="http://0xa9fea9fe/init.mp4"/>'
        + "".join(f'<SegmentURL media="{url}"/>' for url in named(hosts, "d.m4s"))
        + "</SegmentList></Representation></AdaptationSet></Period></MPD>"
    )
    players = "".join(
        f"<video controls src='/{name}'></video>" for name in ("pieces.m3u8", "open.m3u8", "master.m3u8", "dash.mpd")
    )
    direct = "".join(
        f"<video controls src='{url}'></video><audio src='{url}'></audio>" for url in named(hosts, "c.mp4")
    )
    return Trap(
        "walk: page\nkeep: {media: all}",
        {
            "/": Reply(body=f"<!doctype html><title>Films</title><p>Films.</p>{players}{direct}"),
            "/master.m3u8": Reply(body=master, type=M3U8),
            "/pieces.m3u8": Reply(body=pieces, type=M3U8),
            "/open.m3u8": Reply(body=open_pieces, type=M3U8),
            "/dash.mpd": Reply(body=dash, type=MPD),
        },
        "/dash.mpd",
    )


def modules(hosts: Sequence[str]) -> Trap:
    urls = named(hosts, "m.js")
    mapped = {f"a{number}": url for number, url in enumerate(urls)}
    imports = "".join(f"import '{name}';" for name in mapped)
    page = (
        f"<!doctype html><title>t</title><script type=importmap>{json.dumps({'imports': mapped})}</script>"
        "<link rel=stylesheet href=/a.css><script type=module src=/main.js></script><p>x</p>"
        f"<script type=module>{imports}</script>"
        + "".join(
            f'<link rel=modulepreload href="{u}"><link rel=manifest href="{u}"><img srcset="{u} 2x">'
            f'<svg><use href="{u}#a"/></svg><div style="background:url({u})"></div><object data="{u}"></object>'
            for u in urls
        )
    )
    script = "".join(f'import "{url}";\nimport("{url}?2");\nnew URL("{url}?3", import.meta.url);\n' for url in urls)
    styles = "".join(f'@import "{url}?4";\n@font-face {{src: url({url}?5)}}\n' for url in urls)
    return Trap(
        "walk: page\nkeep: {requisites: true}",
        {
            "/": Reply(body=page),
            "/main.js": Reply(body=script, type=JS),
            "/a.css": Reply(body=styles, type="text/css"),
        },
        "/main.js",
    )


def sitemaps(hosts: Sequence[str]) -> Trap:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in [*named(hosts, "s.xml"), "/pages.xml"])
    pages = "".join(f"<url><loc>{url}</loc></url>" for url in named(hosts, "p.html"))
    return Trap(
        'walk: sitemap\nscope: {include: ["re:.*"]}',
        {
            "/": Reply(body=f"<sitemapindex {space}>{index}</sitemapindex>".replace(">/", ">ROOT/"), type=XML),
            "/pages.xml": Reply(body=f"<urlset {space}>{pages}</urlset>".replace(">/", ">ROOT/"), type=XML),
        },
        "/pages.xml",
    )


def feeds(hosts: Sequence[str]) -> Trap:
    items = "".join(
        f"<item><title>t</title><link>{url}</link><guid>{url}</guid><comments>{url}</comments>"
        f'<enclosure url="{url}" type="audio/mpeg" length="9"/></item>'
        for url in named(hosts)
    )
    return Trap(
        "walk: feed\nkeep: {media: all}",
        {
            "/": Reply(
                body='<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>t</title>'
                f'<atom:link rel="next" href="http://169.254.169.254/"/>{items}</channel></rss>'.replace(
                    ">/", ">ROOT/"
                ),
                type="application/rss+xml",
            )
        },
    )


def threads(hosts: Sequence[str]) -> Trap:
    links = "".join(f'<p><a href="{url}">{url}</a></p><a rel=next href="{url}">next</a>' for url in named(hosts))
    return Trap('walk: site\nscope: {include: ["re:.*"]}', {"/": Reply(body=f"<!doctype html><title>t</title>{links}")})


def documents(_: Sequence[str]) -> Trap:
    return Trap("walk: series\nseries: {each: number, first: 301, last: 308}", asked="/moved/308")


def login(_: Sequence[str]) -> Trap:
    form = '<form method=post action="http://169.254.169.254/"><input name=user><input name=pw type=password></form>'
    return Trap(
        "login: {url: ROOT/login, fields: {user: a, pw: b}}\nwalk: page",
        {"/login": Reply(body=f"<!doctype html><title>t</title>{form}"), "/": Reply(body="<p>x</p>")},
        "/login",
    )


Make = Callable[[Sequence[str]], Trap]
TRAPS: list[Make] = [streams, modules, sitemaps, feeds, threads, documents, login, mastodon, bluesky, telegram]
SOURCE = """
source: {name}
seeds: ["{seed}"]
{described}
ports: [{port}]
politeness: {{delay: 0s, concurrency: 8, timeout: 2s, retries: 0, robots: ignore}}
{more}
"""


def run(at: World, make: Make, hosts: Sequence[str], more: str = "") -> None:
    trap, root, name = make(hosts), at.site.url, make.__name__
    at.site.otherwise = moved
    for path, reply in trap.routes.items():
        body = reply.body.replace("ROOT", root) if isinstance(reply.body, str) else reply.body
        at.site.routes[path] = Reply(body=body, headers=reply.headers, type=reply.type)
    seed = f"{root}/moved/{{number}}" if make is documents else root + next(iter(trap.routes))
    seed = f"{root}/" if make is login else seed
    described = trap.described.replace("ROOT", root)
    text = SOURCE.format(name=name, seed=seed, described=described, port=root.rpartition(":")[2], more=more)
    at.household.source(name, text)
    ended = at.household.run("run", name, code=None)
    assert trap.asked in at.site.paths, ended.out + ended.err


@pytest.mark.parametrize("make", TRAPS)
def test_nothing_that_a_site_serves_leads_to_a_forbidden_address(tmp_path: Path, make: Make) -> None:
    with world(tmp_path) as at:
        run(at, make, PLAIN[::3])
        assert OURS in at.network.connected_to()
        assert at.forbidden() == set()


@pytest.mark.parametrize("make", [feeds, login, mastodon, bluesky, telegram])
def test_where_they_are_allowed_traps_lead_there(tmp_path: Path, make: Make) -> None:
    with world(tmp_path) as at:
        at.household.environment["PRESSMARK_ALLOW__ADDRESSES"] = '["0.0.0.0/0", "::/0"]'
        run(at, make, FEW, 'addresses: ["0.0.0.0/0", "::/0"]')
        assert at.forbidden() != set()


IMAP = """
source: letters-{number}
imap: {{host: "{host}", port: {port}, tls: {tls}, user: ann, password: {{secret: LETTERS}}}}
politeness: {{timeout: 2s, retries: 0}}
"""


def test_no_mailbox_is_read_at_a_forbidden_address(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        secrets = at.household.home / "secrets"
        secrets.mkdir(0o700, parents=True)
        (secrets / "LETTERS").write_text("Tr0ub4dor")
        (secrets / "LETTERS").chmod(0o600)
        hosts = [host.strip("[]") for host in PLAIN[::4] if host.isascii()] + ["localhost", "public.example"]
        for number, host in enumerate(hosts):
            tls, port = (("implicit", 993), ("starttls", 143))[number % 2]
            at.household.source(f"letters-{number}", IMAP.format(number=number, host=host, port=port, tls=tls))
        ended = at.household.run("run", *(f"letters-{number}" for number in range(len(hosts))), code=None)
        assert OURS in at.network.connected_to(), ended.out + ended.err
        assert at.forbidden() == set()


PROXY = """
source: proxied-{number}
seeds: ["http://public.example/"]
walk: page
proxy: "{proxy}"
politeness: {{timeout: 2s, retries: 0, delay: 0s}}
"""


def test_no_proxy_is_used_at_a_forbidden_address(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        proxies = [f"{scheme}://{host}:8080" for host in [*PLAIN[::6], OURS] for scheme in ("http", "socks5")]
        at.household.environment["PRESSMARK_ALLOW__PROXIES"] = json.dumps(proxies)
        for number, proxy in enumerate(proxies):
            at.household.source(f"proxied-{number}", PROXY.format(number=number, proxy=proxy))
        ended = at.household.run("run", *(f"proxied-{number}" for number in range(len(proxies))), code=None)
        assert OURS in at.network.connected_to(), ended.out + ended.err
        assert at.forbidden() == set()


def endpoints(url: str) -> list[Any]:
    settings = Assistant.model_validate({"url": f"{url}v1", "model": "m", "timeout": "2s"})
    return [
        Endpoint(settings, "Pressmark").ask(translation_of("Guten Tag", "en")),
        Poster("Pressmark", seconds=2).exchange(f"{url}tsa", {"Content-Type": "application/timestamp-query"}, b"x"),
    ]


async def asked(url: str) -> list[Any]:
    return await asyncio.gather(*endpoints(url), return_exceptions=True)


def test_no_endpoint_of_a_service_is_at_a_forbidden_address(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        at.site.otherwise = moved
        for host in PLAIN:
            asyncio.run(asked(f"http://{host}/"))
        assert at.forbidden() == set()
        assert not at.site.asked


def test_no_mail_is_sent_by_a_server_at_a_forbidden_address(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        for host in PLAIN:
            with pytest.raises(OSError):
                checked_socket(GuardedMail(server=host.strip("[]"), port=25, to="ann@public.example"), 2)
        assert at.forbidden() == set()
        assert issubclass(GuardedMail, Mail)
