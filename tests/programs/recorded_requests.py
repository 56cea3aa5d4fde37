"""What the served programs share: they record their requests, and change their contents on command.

Never imported by tests.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote


class Asked:
    """A WSGI application that records the paths, with their queries, of the requests to another one."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        query = environ.get("QUERY_STRING")
        path = quote(
            environ["PATH_INFO"].encode("latin-1")
        )  # as in addresses; WSGI has its bytes as Latin-1 (PEP 3333)
        self.paths.append(path + (f"?{query}" if query else ""))
        return self._application(environ, start_response)


def serve(server: Any, asked: Asked, written: list[dict], change: Callable[..., str]) -> None:
    """Report that the program is ready; then do what each line of JSON of the standard input says, until that ends.

    The answer to ``{}`` is the paths that were requested since the last time; anything else goes to `change`, and the
    answer is the id of the post.
    """
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port, "threads": written}), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        answer: Any = change(**told) if told else asked.paths[:]
        if not told:
            asked.paths.clear()
        print(json.dumps(answer), flush=True)
