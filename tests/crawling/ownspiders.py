"""A site for the spiders of users, and sources that name them."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawling.site import Asked, Reply, Site, html, redirect

from config.source import Source

SPIDERS = Path(__file__).parent.parent / "crawler" / "spiders_of_users"
TREE, API_PAGES = 40, 8


def furnish(site: Site) -> Site:
    """Add a tree of pages, a sitemap, a login, an API, and failing pages."""
    site.otherwise = _answer
    site.routes["/sitemap.xml"] = Reply(
        body="<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        + "".join(f"<url><loc>{site.url}/tree/{number}</loc></url>" for number in range(15))
        + "</urlset>",
        type="application/xml",
    )
    return site


def _answer(asked: Asked) -> Reply:
    path = urlsplit(asked.path).path
    kind, _, rest = path[1:].partition("/")
    match kind:
        case "tree" if int(rest) < TREE:
            number = int(rest)
            links = [f"/tree/{child}" for child in range(number * 3 + 1, number * 3 + 4) if child < TREE]
            return html(*links, "/tree/0")
        case "login" if asked.method == "GET":
            return Reply(body="<form method=post action=/login><input name=name><input name=pass></form>")
        case "login":
            welcome = parse_qs(asked.body.decode()) == {"name": ["ann"], "pass": ["x"]}
            cookie = (("Set-Cookie", "session=ann; Path=/"),) if welcome else ()
            return Reply(body="welcome", headers=cookie)
        case "members":
            known = "session=ann" in asked.headers.get("cookie", "")
            return Reply(body=f"member {rest}") if known else Reply(403)
        case "api":
            page = int(parse_qs(urlsplit(asked.path).query)["page"][0])
            following = page + 1 if page + 1 < API_PAGES else None
            rows = list(range(page * 5, page * 5 + 5))
            return Reply(body=json.dumps({"rows": rows, "next": following}), type="application/json")
        case "cut":
            return Reply(cut=True)
        case "moved":
            return redirect("/tree/3")
    return Reply(404, "not found")


def placed(spider: str) -> str:
    """Return a spider with its file."""
    return spider if ":" in spider else f"ten.py:{spider}"


def own_source(site: Site, spider: str, **facts: Any) -> Source:
    """Return a fast source of a spider, of `ten.py` unless its file is named."""
    politeness = {"delay": "0s", "concurrency": 4, "retries": 1, "timeout": "10s"} | facts.pop("politeness", {})
    said = {
        "source": "own",
        "spider": placed(spider),
        "arguments": {"base": site.url},
        "addresses": ["127.0.0.0/8"],
        "politeness": politeness,
    }
    return Source.model_validate(said | facts)


def items_in(file: Path) -> list[Any]:
    return [json.loads(line)["item"] for line in file.read_text().splitlines()] if file.exists() else []


def in_order(items: list[Any]) -> list[str]:
    """Sort items, so that they can be compared in any order."""
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def main(spider: str, base: str, directory: str) -> None:
    """Crawl in a process, to be killed: ``python -m crawling.ownspiders SPIDER BASE DIRECTORY``."""
    import asyncio

    from crawling.crawls import LOOPBACK, now
    from crawling.warcs import WarcArchive

    from crawler.policy.order import Order
    from crawler.process import Crawls

    home = Path(directory)
    archive = WarcArchive(home / "spool")
    crawls = Crawls(recorder=archive, index=archive, now=now, backoff=0.05)
    archive.acknowledged = crawls.acknowledged
    order = Order(
        "killed",
        own_source(Site(base), spider, keep={"record_auth": True}),
        frontier=home / "f.db",
        spiders=SPIDERS,
        items=home / "items.jsonl",
        log=home / "log.jsonl",
        permissions=LOOPBACK,
    )
    print(asyncio.run(crawls.crawl(order)).outcome)
    archive.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main(*sys.argv[1:])
