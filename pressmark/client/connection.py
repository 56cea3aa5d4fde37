"""Where the archive is, and how the two clients connect to it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pressmark.client.home import served

_LOCAL = "http://localhost"


class Connection:
    """The place of an archive: a service at a URL, or a home on disk."""

    def __init__(self, url: str | None, home: str | os.PathLike[str] | None, token: str | None, within: float) -> None:
        if (url is None) == (home is None):
            raise ValueError("give the url of a service, or home, the directory of an archive")
        self._stack = ExitStack()
        self._uds: str | None = None
        if home is not None:
            if not Path(home).is_dir():
                raise FileNotFoundError(f"{home} is not a directory")
            self._uds = str(self._stack.enter_context(served(Path(home))))
        headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
        self.options: dict[str, Any] = {
            "base_url": (url or _LOCAL).rstrip("/"),
            "headers": headers,
            "timeout": within,
            "follow_redirects": False,
            "trust_env": home is None,
        }

    def transport(self, kind: type[Any]) -> dict[str, Any]:
        """Return the option for the transport of a client: that of the socket, for a home."""
        return {"transport": kind(uds=self._uds)} if self._uds else {}

    def close(self) -> None:
        self._stack.close()
