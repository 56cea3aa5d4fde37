"""A home on disk as a service for this program alone: its API behind a socket that only this user can open."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served(home: Path) -> Iterator[tuple[Path, str | None]]:
    """Serve a home; yield the socket's path, and the token if the settings have one.

    It reads the settings of the home as every command does. It neither crawls nor keeps the timetable.
    """
    import uvicorn

    from config.settings import load_settings
    from pressmark.processes.app import create_app
    from pressmark.service.assembly import open_pressmark

    settings = load_settings({"home": home})
    with (
        tempfile.TemporaryDirectory(prefix="pressmark-") as private,
        open_pressmark(settings) as service,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        path = Path(private) / "api.sock"
        listener.bind(str(path))
        listener.listen(128)
        options = {"log_config": None, "access_log": False, "lifespan": "off"}
        server = uvicorn.Server(uvicorn.Config(create_app(service), **options))  # type: ignore[arg-type]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield path, settings.token.get_secret_value() if settings.token else None
        finally:
            server.should_exit = True
            thread.join()
