"""A server that accepts connections and never answers, or sends one byte a second."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def deaf(answer: Callable[[socket.socket], object] = lambda _client: None) -> Iterator[str]:
    """Serve: accept and never answer, or do with each connection what `answer` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        clients: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    clients.append(client)
                    threading.Thread(target=answer, args=[client], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for client in clients:
            client.close()


def trickle(client: socket.socket) -> None:
    with suppress(OSError):
        for at in b"HTTP/1.1 200 OK\r\nServer: " + b"a" * 10_000:
            client.sendall(bytes([at]))
            time.sleep(1)
