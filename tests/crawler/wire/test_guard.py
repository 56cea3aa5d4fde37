"""Only the public internet is connected to, however an address is spelled, unless a source allows more."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from wire.addresses import PUBLIC, SPELLINGS
from wire.crawls import Kept, crawl
from wire.framing import PAGE, sized
from wire.ledger import Case, playing

from crawler.wire.guard import EVERYTHING, AddressForbidden, Guard, resolve_by_system, why_special

GLOBAL_PROTOCOLS = [ip_network(text) for text in ("2001:3::/32", "2001:4:112::/48")]
"""Globally reachable by IANA's table, private in Python 3.11 (which knows only the network around them)."""


def answering(*answers: Sequence[str]) -> tuple[Guard, list[str]]:
    """Return a guard whose resolver gives these answers in turn, and the hosts of its queries."""
    asked: list[str] = []

    async def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return Guard(resolver=resolver), asked


def test_there_are_more_than_a_hundred_spellings() -> None:
    assert len(set(SPELLINGS)) > 100


@pytest.mark.parametrize(("host", "reason"), SPELLINGS)
def test_a_special_address_is_forbidden_in_every_spelling(host: str, reason: str) -> None:
    with pytest.raises(AddressForbidden) as forbidden:
        asyncio.run(Guard().resolve(host, 80))

    assert reason == forbidden.value.reason


@pytest.mark.parametrize("host", [host for host, reason in SPELLINGS if reason != "zone"])
def test_with_the_guard_off_every_spelling_resolves(host: str) -> None:
    assert asyncio.run(Guard(allow=EVERYTHING).resolve(host, 80))


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("192.168.7.7", "192.168.0.0/16"),
        ("172.31.0.1", "172.16.0.0/12"),
        ("[::1]", "::1/128"),
        ("fd12::1", "fc00::/7"),
        ("::ffff:127.0.0.1", "127.0.0.0/8"),
        ("169.254.169.254", None),  # cloud secrets: no message says how to reach them
    ],
)
def test_a_refusal_names_the_network_to_allow(host: str, network: str | None) -> None:
    with pytest.raises(AddressForbidden) as forbidden:
        Guard().check(host.strip("[]"), 80)

    assert (str(forbidden.value.network) if forbidden.value.network else None) == network


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.7.7", "fd12::1", "::ffff:127.0.0.1"])
def test_allowing_the_network_that_a_refusal_names_helps(host: str) -> None:
    with pytest.raises(AddressForbidden) as forbidden:
        Guard().check(host, 80)

    assert forbidden.value.network is not None
    Guard(allow=[forbidden.value.network]).check(host, 80)


def test_a_refused_port_has_no_network() -> None:
    with pytest.raises(AddressForbidden, match="port") as forbidden:
        Guard().check("192.0.66.2", 22)

    assert (forbidden.value.network, forbidden.value.port) == (None, 22)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_forbidden(address: str) -> None:
    assert (address,) == asyncio.run(Guard().resolve(address, 443))


SPECIAL = [
    ("169.254.169.254", "169.254.169.254", "metadata"),
    ("169.254.170.2", "169.254.170.2", "metadata"),
    ("169.254.170.23", "169.254.170.23", "metadata"),
    ("100.100.100.200", "100.100.100.200", "metadata"),
    ("192.0.0.192", "192.0.0.192", "metadata"),
    ("168.63.129.16", "168.63.129.16", "metadata"),
    ("0.0.0.0", "0.255.255.255", "this-network"),
    ("10.0.0.0", "10.255.255.255", "private"),
    ("100.64.0.0", "100.127.255.255", "shared"),
    ("127.0.0.0", "127.255.255.255", "loopback"),
    ("169.254.0.0", "169.254.255.255", "link-local"),
    ("172.16.0.0", "172.31.255.255", "private"),
    ("192.0.0.0", "192.0.0.255", "protocol-assignments"),
    ("192.0.2.0", "192.0.2.255", "documentation"),
    ("192.88.99.0", "192.88.99.255", "6to4"),
    ("192.168.0.0", "192.168.255.255", "private"),
    ("198.18.0.0", "198.19.255.255", "benchmarking"),
    ("198.51.100.0", "198.51.100.255", "documentation"),
    ("203.0.113.0", "203.0.113.255", "documentation"),
    ("224.0.0.0", "239.255.255.255", "multicast"),
    ("240.0.0.0", "255.255.255.254", "reserved"),
    ("255.255.255.255", "255.255.255.255", "broadcast"),
    ("fd00:ec2::254", "fd00:ec2::254", "metadata"),
    ("fd00:ec2::23", "fd00:ec2::23", "metadata"),
    ("fd20:ce::254", "fd20:ce::254", "metadata"),
    ("::", "::", "this-network"),
    ("::1", "::1", "loopback"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "nat64"),
    ("100::", "100::ffff:ffff:ffff:ffff", "discard"),
    ("100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "discard"),
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "benchmarking"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "documentation"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "segment-routing"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "unique-local"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "link-local"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "site-local"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"),
    ("2001:1::", "2001:1::ffff", "protocol-assignments"),
    ("4000::", "5eff::", "reserved"),
]
"""The special-purpose registries of IANA and the addresses of clouds: first, last, and the word for them."""


@pytest.mark.parametrize(("first", "last", "reason"), SPECIAL)
def test_a_special_network_is_named_from_its_first_address_to_its_last(first: str, last: str, reason: str) -> None:
    assert [why_special(ip_address(address)) for address in (first, last)] == [reason, reason]


BESIDE = [
    *("9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
    *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0"),
    *("192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.101.0", "203.0.112.255"),
    *("203.0.114.0", "223.255.255.255", "2001:3::", "2001:3:ffff::", "2001:4:112::", "2001:200::"),
    *("2001:db7:ffff::", "2001:db9::", "3ffe:ffff::", "64:ff9b::808:808"),
]
"""Public addresses next to special networks."""


@pytest.mark.parametrize("address", BESIDE)
def test_addresses_beside_a_special_network_are_public(address: str) -> None:
    assert why_special(ip_address(address)) is None


@pytest.mark.parametrize(
    "carrier", ["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1:2:3:4:80ff:fffe", "::ffff:0:7f00:1", "::7f00:1"]
)
def test_an_address_is_extracted_from_its_carrier(carrier: str) -> None:
    assert why_special(ip_address(carrier)) == "loopback"


def test_no_bit_of_a_carried_address_is_lost() -> None:
    assert why_special(ip_address("64:ff9b::169.254.170.23")) == "metadata"


@pytest.mark.parametrize("port", [22, 25, 0, 6379, 8081, 9200, 65535])
def test_a_port_that_is_not_listed_is_forbidden(port: int) -> None:
    with pytest.raises(AddressForbidden) as forbidden:
        Guard().check("8.8.8.8", port)

    assert forbidden.value.reason == "port"


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_the_usual_web_ports_are_listed(port: int) -> None:
    Guard().check("8.8.8.8", port)


def test_a_port_can_be_listed() -> None:
    Guard(ports=[9000]).check("8.8.8.8", 9000)


def test_an_allowed_network_may_be_connected_to_at_any_port() -> None:
    guard = Guard(allow=[ip_network("127.0.0.0/8")])

    assert asyncio.run(guard.resolve("127.1", 6379)) == ("127.0.0.1",)
    guard.check("::ffff:127.0.0.1", 6379)
    for address in ("10.0.0.1", "::1", "8.8.8.8"):
        with pytest.raises(AddressForbidden):
            guard.check(address, 6379)


def test_one_forbidden_address_among_the_answers_forbids_the_host() -> None:
    for answers in (["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2600::1", "8.8.8.8", "::1"]):
        guard, _ = answering(answers)
        with pytest.raises(AddressForbidden, match=r"does not fetch from mixed\.example"):
            asyncio.run(guard.resolve("mixed.example", 80))


def test_all_approved_addresses_are_returned_each_once() -> None:
    guard, _ = answering(["8.8.8.8", "2600::1", "8.8.8.8"])

    assert asyncio.run(guard.resolve("both.example", 80)) == ("8.8.8.8", "2600::1")


@pytest.mark.parametrize("answers", [[], ["not an address"], ["8.8.8.8.8"], [""]])
def test_answers_that_are_not_addresses_are_not_connected_to(answers: list[str]) -> None:
    guard, _ = answering(answers)

    with pytest.raises((socket.gaierror, AddressForbidden)):
        asyncio.run(guard.resolve("odd.example", 80))


@pytest.mark.parametrize("host", ["a..b", "x" * 300, ".", "a" * 64 + ".example"])
def test_a_host_that_is_not_a_name_has_no_address(host: str) -> None:
    with pytest.raises(socket.gaierror):
        asyncio.run(resolve_by_system(host, 80))


def test_a_proxied_target_is_checked_as_far_as_its_url_spells_it_out() -> None:
    guard = Guard()

    guard.check_literal("example.org", 443)
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "::1", "::ffff:10.0.0.1"):
        with pytest.raises(AddressForbidden):
            guard.check_literal(host, 443)
    with pytest.raises(AddressForbidden, match="port"):
        guard.check_literal("example.org", 22)


@given(st.ip_addresses(v=4))
def test_an_address_is_forbidden_in_every_carrier_for_the_same_reason(address: IPv4Address) -> None:
    number, reason = int(address), why_special(address)
    mapped, nat64 = IPv6Address(0xFFFF << 32 | number), IPv6Address((0x64FF9B << 96) | number)

    for carrier in (mapped, nat64):
        if reason is None:
            Guard().check(carrier)
        else:
            with pytest.raises(AddressForbidden):
                Guard().check(carrier)
    for other in (IPv6Address(number), IPv6Address(0x2002 << 112 | number << 80)):
        assert why_special(other)


@given(st.ip_addresses(v=6))
def test_no_address_outside_the_global_space_is_public(address: IPv6Address) -> None:
    if why_special(address) is None:
        assert int(address) >> 125 == 1 or int(address) >> 32 == 0x64FF9B << 64


@given(st.ip_addresses())
def test_what_python_calls_private_is_forbidden(address: IPv4Address | IPv6Address) -> None:
    special = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    if special and not any(address in network for network in GLOBAL_PROTOCOLS if network.version == address.version):
        assert why_special(address)


ANY = Case("any", sized(PAGE), PAGE)


def test_a_crawl_connects_to_no_forbidden_address() -> None:
    with playing([ANY]) as server:
        hosts = ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "[::ffff:127.0.0.1]"]
        urls = [f"http://{host}:{server.port}{ANY.path}" for host in hosts]
        recording = Kept(guard=Guard(ports=[server.port]))

        outcomes = crawl([Request(url) for url in urls], recording, RETRY_ENABLED=True)

        assert ["loopback"] * len(urls) == [getattr(outcome, "reason", None) for outcome in outcomes.values()]
        assert server.ledger == []
        assert recording.exchanges == []


def test_with_the_guard_off_the_crawl_connects() -> None:
    with playing([ANY]) as server:
        urls = [f"http://{host}:{server.port}{ANY.path}" for host in ("127.0.0.1", "2130706433", "0x7f.1")]

        crawl([Request(url) for url in urls], Kept(guard=Guard(allow=EVERYTHING)))

        assert len(server.ledger) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.2", "0x7f.2", "[::ffff:127.0.0.2]", "2852039166", "[::1]"])
def test_a_redirect_leads_to_no_forbidden_address(status: int, host: str) -> None:
    target = f"http://{host}/latest/meta-data/".encode()
    moved = Case("moved", sized(b"", b"Location: " + target, status=b"HTTP/1.1 %d Elsewhere" % status))
    recording = Kept(guard=Guard(allow=[ip_network("127.0.0.1/32")]))
    with playing([moved]) as server:
        request = Request(server.url(moved), meta={"handle_httpstatus_list": [200]})
        outcomes = crawl([request], recording, REDIRECT_ENABLED=True)

    assert [type(outcome).__name__ for outcome in outcomes.values()] == ["AddressForbidden"]
    assert [one.response and one.response.status for one in recording.exchanges] == [status]


def test_a_host_is_resolved_once_and_the_address_that_was_checked_is_connected_to() -> None:
    """Rebinding: the second answer would be another address, but no second query is made."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    with playing([ANY]) as server:  # it listens on 127.0.0.1 only: the checked address refuses
        guard = Guard(allow=[ip_network("127.0.0.2/32")], ports=[server.port], resolver=rebinding)

        outcomes = crawl([Request(f"http://rebinding.example:{server.port}{ANY.path}")], Kept(guard=guard))

        assert asked == ["rebinding.example"]
        assert [type(outcome).__name__ for outcome in outcomes.values()] == ["DownloadConnectionRefusedError"]
        assert server.ledger == []


def test_an_answer_that_changes_to_loopback_is_refused_at_the_next_connection() -> None:
    guard, asked = answering(["8.8.8.8"], ["127.0.0.1"])

    assert asyncio.run(guard.resolve("rebinding.example", 80)) == ("8.8.8.8",)
    with pytest.raises(AddressForbidden):
        asyncio.run(guard.resolve("rebinding.example", 80))
    assert len(asked) == 2


def test_the_system_names_the_zone_of_a_link_local_address() -> None:
    assert asyncio.run(resolve_by_system("fe80::1%1", 80)) == ["fe80::1%1"]


def test_an_address_without_a_host_is_named_itself() -> None:
    with pytest.raises(AddressForbidden, match=r"^Pressmark does not fetch from 10\.1\.2\.3: "):
        Guard().check("10.1.2.3")
