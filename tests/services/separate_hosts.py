"""Hosts with a network each: namespaces of the kernel on one bridge, which can be cut off from each other."""

from __future__ import annotations

import secrets
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from services.networks import sh

BRIDGE = "prb0"
HUB = "10.77.0.1"
"""The address of this thread's network on the bridge."""
_CUT = """
table inet cut {
    chain out { type filter hook output priority 0; ip daddr ADDRESS tcp dport PORT drop; }
    chain in { type filter hook input priority 0; ip saddr ADDRESS tcp sport PORT drop; }
}
"""


@dataclass(slots=True)
class Host:
    """A host with an address."""

    space: str
    address: str

    @property
    def prefix(self) -> list[str]:
        """The beginning of a command that runs on it."""
        return ["ip", "netns", "exec", self.space]

    def cut(self, address: str, port: int) -> None:
        """Lose all packets between this host and a port of another one, without a word to either."""
        rules = _CUT.replace("ADDRESS", address).replace("PORT", str(port))
        subprocess.run([*self.prefix, "nft", "-f", "-"], check=True, input=rules, text=True, capture_output=True)

    def heal(self) -> None:
        subprocess.run([*self.prefix, "nft", "delete", "table", "inet", "cut"], check=True, capture_output=True)

    def reaches(self, address: str, port: int) -> bool:
        """Return whether a connection can be opened from here within two seconds."""
        there = f"exec 3<>/dev/tcp/{address}/{port}"
        return not subprocess.run(
            [*self.prefix, "timeout", "2", "bash", "-c", there], check=False, capture_output=True
        ).returncode


@dataclass(slots=True)
class Hosts:
    """All hosts of a test."""

    token: str = field(default_factory=lambda: secrets.token_hex(3))
    made: list[Host] = field(default_factory=list)

    def add(self, name: str) -> Host:
        number = len(self.made) + 1
        host = Host(f"pm{self.token}-{name}", f"10.77.2.{number}")
        sh("ip", "netns", "add", host.space)
        self.made.append(host)
        link = f"v{number}"
        sh("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", host.space)
        sh("ip", "link", "set", link, "master", BRIDGE, "up")
        for command in ("link set lo up", "link set eth0 up", f"address add {host.address}/16 dev eth0"):
            sh("ip", "-n", host.space, *command.split())
        return host

    def move(self, address: str, before: Host | None, after: Host) -> None:
        """Give an address to another host, as a failover does."""
        if before is not None:
            sh("ip", "-n", before.space, "address", "del", f"{address}/16", "dev", "eth0")
        sh("ip", "-n", after.space, "address", "add", f"{address}/16", "dev", "eth0")
        for host in self.made:
            sh("ip", "-n", host.space, "neigh", "flush", "dev", "eth0")
        sh("ip", "neigh", "flush", "dev", BRIDGE)


@contextmanager
def separate_hosts(*addresses: str) -> Iterator[Hosts]:
    """Make a bridge in the network of this thread, which must be one of its own; `addresses` are ours there."""
    hosts = Hosts()
    sh("ip", "link", "add", BRIDGE, "type", "bridge")
    for address in (HUB, *addresses):
        sh("ip", "address", "add", f"{address}/16", "dev", BRIDGE)
    sh("ip", "link", "set", BRIDGE, "up")
    try:
        yield hosts
    finally:
        for host in hosts.made:
            with suppress(subprocess.CalledProcessError):
                sh("ip", "netns", "del", host.space)


@contextmanager
def forwarded(port: int) -> Iterator[int]:
    """Pass connections to a port of HUB on to the same port of loopback, for a server that listens only there."""
    with socket.create_server((HUB, port)) as listener:
        threading.Thread(target=_accept, args=[listener, port], daemon=True).start()
        try:
            yield port
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=[client, port], daemon=True).start()


def _connect(client: socket.socket, port: int) -> None:
    """Pass both directions of a connection on, until both have ended."""
    with client, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_pass, args=[server, client], daemon=True)
        back.start()
        _pass(client, server)
        back.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while octets := source.recv(1 << 16):
            target.sendall(octets)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
