"""Which addresses may be connected to: the public internet, and what a source allows in addition.

The check applies to addresses after resolution, so every spelling of an address in a URL (decimal, octal, hexadecimal,
mapped) is covered. The tables are those of IANA, written out (IPv4 and IPv6 Special-Purpose Address Registries, RFC
6890 and its updates), because `ipaddress.is_global` changes with the Python version and calls multicast, NAT64 and
site-local addresses global.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from archive.values.counters import Figure, Figures

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host and a port to all addresses, numeric, with an IPv6 zone as ``%zone``. Raises socket.gaierror."""

PORTS = (80, 443, 8080, 8443)
EVERYTHING: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
"""An allow list that turns the guard off."""

_SPECIAL_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("169.254.169.254/32", "metadata"),  # most clouds
        ("169.254.170.2/32", "metadata"),  # AWS ECS
        ("169.254.170.23/32", "metadata"),  # AWS EKS
        ("100.100.100.200/32", "metadata"),  # Alibaba
        ("192.0.0.192/32", "metadata"),  # Oracle
        ("168.63.129.16/32", "metadata"),  # Azure's wire server, in public space
        ("0.0.0.0/8", "this-network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol-assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_SPECIAL_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("fd00:ec2::254/128", "metadata"),  # AWS
        ("fd00:ec2::23/128", "metadata"),  # AWS EKS
        ("fd20:ce::254/128", "metadata"),  # Google
        ("::/128", "this-network"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "nat64"),  # NAT64 for local use: the addresses behind it are unknown
        ("100::/64", "discard"),
        ("100:0:0:1::/64", "discard"),
        ("2001:2::/48", "benchmarking"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment-routing"),
        ("fc00::/7", "unique-local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_CARRIERS: tuple[tuple[IPv6Network, int, int, str | None], ...] = (
    # Networks whose addresses carry an IPv4 address: its shift from the right, the bits to invert, and why they are
    # forbidden even if the IPv4 address is public; None when they are allowed.
    (IPv6Network("64:ff9b::/96"), 0, 0, None),  # NAT64: how IPv4 hosts are reached from a network without IPv4
    (IPv6Network("2002::/16"), 80, 0, "6to4"),
    (IPv6Network("2001::/32"), 0, 0xFFFFFFFF, "teredo"),
    (IPv6Network("::ffff:0:0:0/96"), 0, 0, "translated"),
    (IPv6Network("::/96"), 0, 0, "compatible"),
)
_GLOBAL_V6 = (IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96"))
_PROTOCOL_V6 = IPv6Network("2001::/23")
_PROTOCOL_V6_GLOBAL = (IPv6Network("2001:3::/32"), IPv6Network("2001:4:112::/48"))  # AMT, AS112


class AddressForbidden(Exception):
    """A host with a forbidden address. `reason` is a short word for counting."""

    def __init__(self, host: str, address: str, reason: str, port: int | None = None) -> None:
        super().__init__(f"Pressmark does not fetch from {host}: {_why(host, address, reason)}")
        self.host = host
        self.address = address
        self.reason = reason
        self.port = port
        """The port, if it is forbidden."""

    @property
    def network(self) -> Network | None:
        """The network to allow if the host is the operator's own; None for a port, and for cloud metadata."""
        address = _parsed(self.address)
        return None if self.port or self.reason == "metadata" or address is None else _network_of(address)


def _why(host: str, address: str, reason: str) -> str:
    if reason == "port":
        return "the settings do not allow its port"
    if address == host:
        return f"this address is not on the public internet ({reason})"
    return f"its address {address} is not on the public internet ({reason})"


class Guard:
    """Decides which addresses and ports may be connected to, and resolves hosts to such addresses only.

    An address in `allow` may be connected to at any port; any other address must be public, and its port in `ports`.
    Refusals are counted in `figures`.
    """

    def __init__(
        self,
        allow: Iterable[Network] = (),
        ports: Iterable[int] = PORTS,
        resolver: Resolver | None = None,
        figures: Figures | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._ports = frozenset(ports)
        self._resolver = resolver or resolve_by_system
        self._figures = figures or Figures()

    def check(self, address: str | Address, port: int | None = None, *, host: str = "") -> None:
        """Check an address.

        Raises AddressForbidden, whose message names `host`; without a port, only the address is checked.
        """
        if reason := self._why_not(_parsed(address), port):
            raise self._forbidden(host or str(address), str(address), reason, port)

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return all addresses of a host, each checked; one forbidden address forbids the host.

        Raises AddressForbidden, and socket.gaierror when the host has no address.
        """
        found = (host,) if is_literal(host) else tuple(dict.fromkeys(await self._resolver(host, port)))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} has no address")
        for address in found:
            self.check(address, port, host=host)
        return found

    def check_literal(self, host: str, port: int) -> None:
        """Check a host that a proxy will resolve: its port, and its address if it spells one."""
        try:
            address: Address = ip_address(host)
        except ValueError:
            try:
                address = IPv4Address(socket.inet_aton(host))  # 2130706433, 0x7f.1, 0177.0.0.1
            except OSError:
                if port not in self._ports:
                    raise self._forbidden(host, f"port {port}", "port", port) from None
                return
        self.check(address, port, host=host)

    def _forbidden(self, host: str, address: str, reason: str, port: int | None) -> AddressForbidden:
        self._figures.count(Figure.FORBIDDEN, reason)
        return AddressForbidden(host, address, reason, port if reason == "port" else None)

    def _why_not(self, address: Address | None, port: int | None) -> str | None:
        if address is None:
            return "no-address"
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return "zone"
        if any(address in network for network in self._allow if network.version == address.version):
            return None
        if reason := why_special(address):
            return reason
        return "port" if port is not None and port not in self._ports else None


def why_special(address: Address) -> str | None:
    """Return why an address is not public, in a word; None when it is."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _SPECIAL_V4 if address in network), None)
    listed = next((reason for network, reason in _SPECIAL_V6 if address in network), None)
    return listed or _why_carried(address) or _why_not_global(address)


def _network_of(address: Address) -> Network | None:
    """Return the special network that contains an address, or the address itself; None for one with a zone."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return None
    special: Iterable[tuple[Network, str]] = _SPECIAL_V4 if isinstance(address, IPv4Address) else _SPECIAL_V6
    return next((network for network, _ in special if address in network), ip_network(address))


def _why_carried(address: IPv6Address) -> str | None:
    for network, shift, turned, reason in _CARRIERS:
        if address in network:
            carried = IPv4Address((int(address) ^ turned) >> shift & 0xFFFFFFFF)
            return why_special(carried) or reason
    return None


def _why_not_global(address: IPv6Address) -> str | None:
    if address in _PROTOCOL_V6 and not any(address in network for network in _PROTOCOL_V6_GLOBAL):
        return "protocol-assignments"
    return None if any(address in network for network in _GLOBAL_V6) else "reserved"


def is_literal(host: str) -> bool:
    """Return whether a host (without brackets) is an address in its usual spelling already."""
    return _parsed(host) is not None


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Return all addresses that the system's resolver has for a host. Raises socket.gaierror."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, f"{host[:80]!r} is not a valid host name ({error})") from error
    return [_with_zone(sockaddr) for *_, sockaddr in found]


def _with_zone(sockaddr: Sequence[object]) -> str:
    zoned = len(sockaddr) == 4 and sockaddr[3]
    return f"{sockaddr[0]}%{sockaddr[3]}" if zoned and "%" not in str(sockaddr[0]) else str(sockaddr[0])


def _parsed(address: str | Address) -> Address | None:
    """Parse an address; an IPv4 address mapped into IPv6 is taken out (::ffff:127.0.0.1 is 127.0.0.1)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.scope_id is None and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
