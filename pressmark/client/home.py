"""A home on disk as a service for this program alone: its API behind a socket that only this user can open."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def served(home: Path) -> Iterator[Path]:
    """Serve a home; yield the socket's path. Who can open the socket can read and change the home: nobody logs in.

    It reads the settings of the home as every command does. It neither crawls nor keeps the timetable.
    """
    import uvicorn

    from config.settings import load_settings
    from pressmark.processes.app import create_app
    from pressmark.processes.http_server import configured
    from pressmark.service.assembly import open_pressmark
    from pressmark.service.private_files import private_files

    with ExitStack() as stack:
        private = stack.enter_context(tempfile.TemporaryDirectory(prefix="pressmark-"))
        with private_files():  # the umask is that of the whole program, so for no longer than this
            service = stack.enter_context(open_pressmark(load_settings({"home": home})))
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        path = Path(private) / "api.sock"
        listener.bind(str(path))
        listener.listen(128)
        server = uvicorn.Server(configured(create_app(service, trusted=True)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield path
        finally:
            server.should_exit = True
            thread.join()
