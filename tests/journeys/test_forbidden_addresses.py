"""The kernel counts no connection to a forbidden address, whatever names it: pages, webhooks, stores, logins."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from conftest import FORM
from crawling.site import Asked, Reply, serving
from journeys.forbidden import HOSTS, OURS, TRAPS, World, world
from journeys.household import Ended
from services.networks import needs_network
from wire.addresses import SPELLINGS

from config.groups.oidc import Oidc
from pressmark.notify.webhooks.signing import new_secret
from pressmark.service.openid.provider import Provider, ProviderFailed

pytestmark = [pytest.mark.system, needs_network]

costly = pytest.mark.skipif(FORM == "sample", reason="several processes, and hosts that never answer: make test-faults")

STATUSES = (301, 302, 303, 307, 308)
REDIRECTED = range(0, len(HOSTS), 5)
CASES = len(HOSTS) + len(STATUSES) * len(REDIRECTED) + sum("%" not in host for host in HOSTS)
"""Requisites, redirects and seeds that name a forbidden address."""
SOURCE = """
source: traps
seeds: [{seeds}]
walk: page
keep: {{requisites: {requisites}}}
politeness: {{delay: 0s, concurrency: 8, robots: {robots}, timeout: 2s, retries: 0}}
{more}
"""


class Trap:
    """A page that names forbidden addresses in every way that leads to a request."""

    def __init__(self, root: str) -> None:
        self.port = root.rpartition(":")[2]

    def __call__(self, asked: Asked) -> Reply:
        _, kind, *rest = asked.path.split("/")
        if kind == "moved":
            return Reply(int(rest[0]), headers=(("Location", f"http://{HOSTS[int(rest[1])]}/latest/meta-data/"),))
        if kind == "robots.txt":
            return Reply(
                body="User-agent: *\nAllow: /\nSitemap: http://169.254.169.254/sitemap.xml\n", type="text/plain"
            )
        requisites = [f"http://{host}/x.png" for host in HOSTS]
        requisites += [f"/moved/{status}/{number}" for status in STATUSES for number in REDIRECTED]
        requisites += [f"http://rebinding{number}.example:{self.port}/x.png" for number in range(3)] * 2
        head = "".join(
            f'<link rel="icon" href="{url}"><link rel="canonical" href="{url}"><link rel="alternate" '
            f'type="application/rss+xml" href="{url}"><meta http-equiv="refresh" content="0; url={url}">'
            for url in ("http://169.254.169.254/", "http://2852039166/", "http://private.example/")
        )
        return Reply(
            body=f"<!doctype html><title>t</title>{head}<body>" + "".join(f'<img src="{u}">' for u in requisites)
        )


def crawl(at: World, *, more: str = "", robots: str = "obey", hosts: Sequence[str] = HOSTS) -> Ended:
    """Crawl a page with all traps, and hosts themselves; with `more`, only those."""
    port = at.site.url.rpartition(":")[2]
    at.site.otherwise = Trap(at.site.url)
    seeds = [
        f"{at.site.url}/",
        f"http://public.example:{port}/",
        *(f"http://{host}/" for host in hosts if "%" not in host),
    ]
    text = SOURCE.format(
        seeds=", ".join(f'"{seed}"' for seed in seeds),
        robots=robots,
        requisites="false" if more else "true",
        more=more or f"ports: [{port}]",
    )
    at.household.source("traps", text)
    return at.household.run("run", "traps", code=None)


def test_no_page_and_no_name_leads_to_a_forbidden_address(tmp_path: Path) -> None:
    assert CASES >= 300
    with world(tmp_path) as at:
        ended = crawl(at)
        assert at.site.paths, ended.err
        assert OURS in at.network.connected_to()
        assert at.forbidden() == set()


Door = Callable[[World], frozenset[str]]
"""Goes through a door with forbidden addresses, and returns those that the door itself is at."""
NOWHERE: frozenset[str] = frozenset()
LOOPBACK = frozenset({"127.0.0.1"})


def add(at: World) -> frozenset[str]:
    """Looks at a site, and at what tells where the posts of an account are."""
    root, inside = at.site.url, ("Location", "http://169.254.169.254/latest/meta-data/")
    trap = Trap(root)
    at.site.otherwise = lambda asked: Reply(307, headers=(inside,)) if "/api/" in asked.path else trap(asked)
    at.household.environment["PRESSMARK_ALLOW__PORTS"] = '["1-65535"]'
    own = [f"{root}/moved/302/0", f"{root}/@alice", f"{root}/tags/harbour"]
    for url in ("http://metadata.example/", "http://0xa9fea9fe/", *own):
        at.household.run("add", url, "--yes", "--allow-port", root.rpartition(":")[2], code=None)
    lookup, posts = "/api/v1/accounts/lookup?acct=alice", "/api/v1/timelines/tag/harbour?limit=40"
    assert {"/moved/302/0", lookup, posts} <= set(at.site.paths)
    return NOWHERE


def served(at: World) -> frozenset[str]:
    """What people and programs send to a service: each form and route that takes the URL of a site."""
    with at.household.serving() as service:
        for host in [host for host in HOSTS if "%" not in host][::3]:
            url = f"http://{host}/latest/meta-data/"
            answers = [
                service.ask("POST", "/api/v1/sources", {"url": url}),
                service.ask("POST", "/add", form=urlencode({"url": url})),
                service.ask(
                    "POST", "/api/v1/greader/reader/api/0/subscription/quickadd", form=urlencode({"quickadd": url})
                ),
                service.ask("POST", f"/save/{quote(url)}"),
            ]
            assert [answer.status for answer in answers if answer.status < 400] == [], host
    return LOOPBACK


def webhook(at: World) -> frozenset[str]:
    at.household.home.mkdir(parents=True)
    (at.household.home / "team.secret").write_text(f"{new_secret()}\n")
    urls = ["http://metadata.example/hook", "http://10.0.0.1/hook", f"http://{OURS}:80/hook"]
    hooks = "".join(
        f"  team{n}:\n    url: {url}\n    secret_file: {at.household.home}/team.secret\n" for n, url in enumerate(urls)
    )
    (at.household.home / "pressmark.yaml").write_text(f"webhooks:\n{hooks}")
    for number in range(len(urls)):
        at.household.run("webhooks", "test", f"team{number}", code=None)
    return NOWHERE


def sent_away(asked: Asked) -> Reply:
    """Answer as a server of S3 that knows the bucket in another region, and at another address."""
    to = f"http://169.254.169.254{asked.path}"
    region = ("x-amz-bucket-region", "x@169.254.169.254/")
    said = (
        f"<Error><Code>PermanentRedirect</Code><Endpoint>169.254.169.254</Endpoint><Region>{region[1]}</Region></Error>"
    )
    return Reply((307, 301)[asked.method == "HEAD"], said, (("Location", to), region), type="application/xml")


def store(at: World) -> frozenset[str]:
    """The store is where the operator says; where that sends its client is not."""
    at.site.otherwise = sent_away
    at.household.environment |= {
        "PRESSMARK_STORE": "s3",
        "PRESSMARK_S3__BUCKET": "bucket",
        "PRESSMARK_S3__ENDPOINT": at.site.url,
        "PRESSMARK_S3__ACCESS_KEY": "a",
        "PRESSMARK_S3__SECRET_KEY": "b",
    }
    at.household.run("doctor", "--store", code=None)
    assert at.site.asked
    return NOWHERE


def replica(at: World) -> frozenset[str]:
    """A replica is at a private address, as the operator says; it sends its client nowhere else."""
    with serving() as server:
        server.otherwise = sent_away
        s3 = {"bucket": "bucket", "endpoint": server.url, "access_key": "a", "secret_key": "b"}
        at.household.environment["PRESSMARK_REPLICAS"] = json.dumps({"second": {"store": "s3", "s3": s3}})
        at.site.otherwise = Reply(body="<!doctype html><title>t</title><p>x")
        crawl(at, more=f"ports: [{at.site.url.rpartition(':')[2]}]", hosts=[])
        for command in (["doctor", "--store"], ["verify", "--all"]):
            at.household.run(*command, code=None)
        assert server.asked
    return LOOPBACK


def issuer(at: World) -> frozenset[str]:
    """The provider of logins is where the operator says, and its description passes the guard, too."""
    at.household.home.mkdir(parents=True)
    for host in ("metadata.example", "mixed.example", "10.0.0.1", "0xa9fea9fe", "[fd00:ec2::254]", "[::ffff:10.0.0.1]"):
        settings = {"issuer": f"https://{host}", "client_id": "pressmark", "default_role": "read"}
        (at.household.home / "pressmark.yaml").write_text(json.dumps({"oidc": settings}))
        ended = at.household.run("doctor", code=None)
        assert "not on the public internet" in ended.out + ended.err, host
    return NOWHERE


ENDPOINTS: dict[str, Callable[[Provider], Awaitable[object]]] = {
    "token_endpoint": lambda provider: provider.redeem("a-code", "a-verifier", "https://archive.example/back"),
    "jwks_uri": lambda provider: provider.keys(),
    "userinfo_endpoint": lambda provider: provider.userinfo("a-token"),
}


def endpoints(at: World) -> frozenset[str]:
    """A provider that may be asked names other addresses, to which the client secret and tokens would be sent."""
    hosts = [f"[{host}]" if ":" in host else host for host, why in SPELLINGS if why != "loopback" and "%" not in host]
    with serving() as provider:
        for host in [*hosts, *TRAPS]:
            for name, ask in ENDPOINTS.items():
                usual = {"authorization_endpoint", *ENDPOINTS}
                told = {"issuer": provider.url, **dict.fromkeys(usual, f"{provider.url}/x"), name: f"https://{host}/x"}
                provider.routes["/.well-known/openid-configuration"] = Reply(body=json.dumps(told))
                settings = {"issuer": provider.url, "client_id": "pressmark", "default_role": "read"}
                asked = Provider(Oidc.model_validate({**settings, "addresses": ["127.0.0.0/8"]}))
                with pytest.raises(ProviderFailed):
                    asyncio.run(asking(ask, asked))
        assert set(provider.paths) == {"/.well-known/openid-configuration"}
        assert len(provider.paths) == len(ENDPOINTS) * (len(hosts) + len(TRAPS))
    return LOOPBACK


async def asking(ask: Callable[[Provider], Awaitable[object]], provider: Provider) -> None:
    await ask(provider)


@costly
@pytest.mark.parametrize("door", [add, served, webhook, store, replica, issuer])
def test_no_other_door_leads_to_a_forbidden_address(tmp_path: Path, door: Door) -> None:
    with world(tmp_path) as at:
        own = door(at)
        assert at.forbidden() - own == set()


@pytest.mark.costly
def test_no_address_that_a_provider_of_logins_names_leads_to_a_forbidden_one(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        own = endpoints(at)
        assert at.forbidden() - own == set()


@costly
def test_where_they_are_allowed_the_kernel_counts_connections(tmp_path: Path) -> None:
    with world(tmp_path) as at:
        at.household.environment["PRESSMARK_ALLOW__ADDRESSES"] = '["0.0.0.0/0", "::/0"]'
        ended = crawl(
            at,
            more='addresses: ["0.0.0.0/0", "::/0"]',
            robots="ignore",
            hosts=["10.0.0.1", "169.254.169.254", "[fc00::1]"],
        )

        assert {"10.0.0.1", "169.254.169.254", "fc00::1"} <= at.forbidden(), ended.err
