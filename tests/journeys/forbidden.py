"""A network with forbidden addresses and names of them, in which the kernel counts who is connected to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from crawling.site import Asked, Reply, Site, serving
from journeys.household import Household
from services.networks import Network, asking_here, naming, own_network
from wire.addresses import SPELLINGS

from crawler.wire.guard import why_special

OURS = "11.22.33.44"
"""A public address, which the namespace has and nobody outside sees."""
TRAPS = {
    "mixed.example": [OURS, "10.0.0.1"],
    "private.example": ["192.168.7.7"],
    "metadata.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "six.example": ["fd00:ec2::254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
}
HOSTS = [f"[{host}]" if ":" in host else host for host, _ in SPELLINGS] + list(TRAPS)


class Names:
    """A name server: the second answer to a rebinding name, and every later one, is a forbidden address."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __call__(self, name: str) -> Sequence[str]:
        self.asked[name] += 1
        if name.startswith("rebinding"):
            return [OURS] if self.asked[name] <= 2 else ["169.254.169.254"]
        return TRAPS.get(name, [OURS] if name == "public.example" else [])


@dataclass
class World:
    household: Household
    site: Site
    network: Network

    def forbidden(self) -> set[str]:
        """The special addresses that were connected to."""
        return {one for one in self.network.connected_to() if why_special(ip_address(one))}


class Asking(Household):
    """A household whose processes ask the name server of the namespace."""

    def command(self, *arguments: str) -> list[str]:
        return asking_here(self.home.parent, super().command(*arguments))


@contextmanager
def world(directory: Path) -> Iterator[World]:
    with own_network(f"{OURS}/32") as network, naming(Names()), serving(host=OURS) as site:
        yield World(Asking(directory / "home"), site, network)


def named(hosts: Sequence[str], path: str = "x") -> list[str]:
    """Return a URL for each host, and three that the site redirects to a forbidden one."""
    return [f"http://{host}/{path}" for host in hosts] + [f"/moved/{status}" for status in (301, 307, 308)]


def moved(asked: Asked) -> Reply:
    status = asked.path.rpartition("/")[2]
    if not status.isdigit():
        return Reply(404)
    return Reply(int(status), headers=(("Location", "http://169.254.169.254/latest/meta-data/"),))


@dataclass(frozen=True)
class Trap:
    """A source, and what its site serves."""

    described: str
    routes: dict[str, Reply] = field(default_factory=dict)
    asked: str = "/"
    """A path that the crawl must have reached: what names the forbidden addresses."""
