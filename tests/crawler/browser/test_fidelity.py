"""Many requests of a page, of all methods and with all kinds of answers, are recorded as the server saw them."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from conftest import figure
from crawling.crawls import Run, events, source
from crawling.site import Asked, Reply, Site

from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system

REQUESTS = figure(80, 2_000, 2_000)
PAGE = f"""<!doctype html><title>t</title><p>A page with a text of its own, which requests much.</p><script>
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'GET', 'GET'];
const bodies = n => [`text ${{n}} žluťoučký`, new Blob([new Uint8Array(n).fill(n)]),
  new URLSearchParams({{n, m: 'é &'}}), JSON.stringify({{n}})][n % 4];
let next = 0;
const one = async () => {{
  while (next < {REQUESTS}) {{
    const n = next++, method = methods[n % methods.length];
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? bodies(n) : undefined;
    const asked = fetch(`/ask/${{n}}?é=${{n}}`, {{method, body, headers: {{'X-Number': n}}}});
    await asked.then(answer => answer.text()).catch(() => 0);
  }}
}};
for (let lane = 0; lane < 6; lane++) one();
</script>"""


def test_every_exchange_equals_the_ledger_of_the_server(site: Site, run: Run) -> None:
    site.routes["/p"] = Reply(body=PAGE)
    site.otherwise = _answer
    run.facts["browser"] = BrowserLimits(requests=3 * REQUESTS, seconds=1_800.0)

    run(source(f"{site.url}/p", walk="page", fetch="browser", politeness={"concurrency": 8}), within=1_900.0)

    recorded = [one for one, _, _ in run.archive.kept if one.response]
    (drawn,) = [event for event in events(run) if event["event"] == "drawn"]
    assert drawn["complete"]
    assert len(site.asked) >= REQUESTS
    assert Counter(one.request.head + one.request.body for one in recorded) == Counter(
        asked.received for asked in site.asked
    )
    heads = Counter(one.response.head for one in recorded if one.response)
    assert heads == Counter(bytes(asked.sent).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for asked in site.asked)


def _answer(asked: Asked) -> Reply:
    """Answer by what is asked: any status, size and type; a few redirects."""
    if not asked.path.startswith("/ask/"):
        return Reply(404)
    number = int(asked.path.removeprefix("/ask/").partition("?")[0])
    chance = random.Random(number)
    if number % 25 == 7:
        return Reply(302, headers=(("Location", f"/ask/{number + 100_000}"),))
    status = chance.choice([200, 200, 200, 201, 404, 410, 500, 503])
    body = chance.randbytes(chance.choice([0, 1, 100, 5_000, 70_000]))
    kind = chance.choice(["application/json", "text/plain; charset=utf-8", "application/octet-stream", "image/png"])
    fields = (("X-Long", "v" * chance.randrange(2_000)), ("Set-Cookie", f"c{number % 7}={number}"))
    return Reply(status, body=b"" if asked.method == "HEAD" else body, headers=fields, type=kind)
