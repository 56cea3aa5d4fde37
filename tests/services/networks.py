"""A network of one's own: a namespace of the kernel in which packets are counted or dropped, and names answered."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

_NEW_NET = 0x40000000
_A, _AAAA = 1, 28
_RULES = """
table inet tests {
    set four { type ipv4_addr; flags dynamic; size 65535; }
    set six { type ipv6_addr; flags dynamic; size 65535; }
    chain out {
        type filter hook output priority 0;
        tcp flags & (syn | ack) == syn add @four { ip daddr }
        tcp flags & (syn | ack) == syn add @six { ip6 daddr }
    }
    chain in {
        type filter hook input priority 0;
        DROP
    }
}
"""

needs_network = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ["nft", "ip"])), reason="needs root and nftables, for namespaces"
)


class Network:
    """What the kernel counted."""

    def connected_to(self) -> set[str]:
        """The addresses to which a SYN was sent, by anybody in the namespace."""
        return {str(ip_address(one)) for name in ("four", "six") for one in self._elements(name)}

    def dropped(self) -> int:
        """Packets."""
        rules = json.loads(sh("nft", "-j", "list", "chain", "inet", "tests", "in"))["nftables"]
        parts = [part for one in rules for part in one.get("rule", {}).get("expr", [])]
        return sum(part["counter"]["packets"] for part in parts if "counter" in part)

    def _elements(self, name: str) -> list[str]:
        [listed] = [
            one["set"] for one in json.loads(sh("nft", "-j", "list", "set", "inet", "tests", name))["nftables"][1:]
        ]
        return [one if isinstance(one, str) else one["elem"]["val"] for one in listed.get("elem", [])]


def sh(*command: str, given: str | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout


@contextmanager
def own_network(*addresses: str, drop: str = "") -> Iterator[Network]:
    """What this thread and its children do in here stays in here: no packet leaves the machine.

    `addresses` are ours as well as loopback; what is sent to any other is counted, and swallowed. `drop` is a match of
    nftables for incoming packets that are lost.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as before:
        if libc.unshare(_NEW_NET):
            pytest.skip(f"a network of its own can't be had here: {os.strerror(ctypes.get_errno())}")
        try:
            _prepare(addresses, drop)
            yield Network()
        finally:
            assert libc.setns(before.fileno(), _NEW_NET) == 0, os.strerror(ctypes.get_errno())


def _prepare(addresses: Sequence[str], drop: str) -> None:
    sh("ip", "link", "set", "lo", "up")
    for address in addresses:
        sh("ip", "address", "add", address, "dev", "lo")
    sh("ip", "route", "add", "default", "dev", "lo")
    sh("ip", "-6", "route", "add", "default", "dev", "lo")
    sh("nft", "-f", "-", given=_RULES.replace("DROP", f"{drop} counter drop" if drop else ""))


def asking_here(directory: Path, command: Sequence[str]) -> list[str]:
    """The command of a process whose name server is 127.0.0.1; `directory` holds a file for it."""
    told = directory / "resolv.conf"
    told.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    bound = 'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", bound, str(told), *command]


Names = Callable[[str], Sequence[str]]
"""The addresses of a name, in the order of the answer; none for a name that there is not."""


@contextmanager
def naming(names: Names) -> Iterator[list[str]]:
    """A name server on 127.0.0.1, and what it was asked for."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        thread = threading.Thread(target=_answer, args=[server, names, asked])
        thread.start()
        try:
            yield asked
        finally:
            _wake(server)
            thread.join(10)


def _wake(server: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, suppress(OSError):
        client.sendto(b"", server.getsockname())


def _answer(server: socket.socket, names: Names, asked: list[str]) -> None:
    while True:
        question, who = server.recvfrom(4096)
        if not question:
            return
        name, end = _name(question, 12)
        kind = int.from_bytes(question[end : end + 2], "big")
        if kind == _A:
            asked.append(name)
        records = [record for one in names(name) if (record := _record(one, kind))]
        flags = b"\x81\x80" if names(name) else b"\x81\x83"
        head = question[:2] + flags + b"\0\1" + len(records).to_bytes(2, "big") + b"\0\0\0\0"
        server.sendto(head + question[12 : end + 4] + b"".join(records), who)


def _name(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels).lower(), at + 1


def _record(value: str, kind: int) -> bytes:
    address = ip_address(value)
    if kind != (_A if address.version == 4 else _AAAA):
        return b""
    return (
        b"\xc0\x0c"
        + kind.to_bytes(2, "big")
        + b"\0\1\0\0\0\0"
        + len(address.packed).to_bytes(2, "big")
        + address.packed
    )
