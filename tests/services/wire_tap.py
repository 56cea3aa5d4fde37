"""When each request passed the loopback device, by the clock of the kernel: no busy process delays the stamp."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_IP, _TCP = 0x0800, 6
_STAMPS, _FORCED_BUFFER = 35, 33
"""SO_TIMESTAMPNS and SO_RCVBUFFORCE of Linux, which Python does not name."""
_BUFFER = 256 << 20


@dataclass(frozen=True, slots=True)
class Passed:
    """A request on the wire."""

    at: float
    """Seconds since 1970."""
    port: int
    """Of the server."""
    path: str


@dataclass(slots=True)
class Tap:
    requests: list[Passed] = field(default_factory=list)
    ended: bool = False


@contextmanager
def tapped(link: str = "lo") -> Iterator[Tap]:
    """Note the requests over a device in the network of this thread meanwhile. It needs root."""
    tap = Tap()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_IP)) as device:
        device.setsockopt(socket.SOL_SOCKET, _FORCED_BUFFER, _BUFFER)
        device.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
        device.bind((link, _IP))
        device.settimeout(0.2)
        thread = threading.Thread(target=_read, args=[device, tap])
        thread.start()
        try:
            yield tap
        finally:
            tap.ended = True
            thread.join(10)


def _read(device: socket.socket, tap: Tap) -> None:
    while not tap.ended:
        try:
            packet, ancillary, _, _ = device.recvmsg(2048, 64)
        except TimeoutError:
            continue
        if (found := _request(packet)) is not None:
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            port, path = found
            tap.requests.append(Passed(seconds + nanoseconds / 1e9, port, path))


def _request(packet: bytes) -> tuple[int, str] | None:
    """Return port and path of the request that begins in a packet of IPv4."""
    if len(packet) < 40 or packet[9] != _TCP:
        return None
    tcp = packet[(packet[0] & 15) * 4 :]
    data = tcp[(tcp[12] >> 4) * 4 :]
    if not data.startswith(b"GET "):
        return None
    return int.from_bytes(tcp[2:4], "big"), data[4:].split(b" ", 1)[0].decode("latin-1")
