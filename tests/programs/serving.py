"""What the programs share that are served to tests: they count what is asked of them, and are written to when told.

Never imported by tests.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any


class Asked:
    """A WSGI application that notes the paths, with their queries, of the requests to another one."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._application = application
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        query = environ.get("QUERY_STRING")
        self.paths.append(environ["PATH_INFO"] + (f"?{query}" if query else ""))
        return self._application(environ, start_response)


def serve(server: Any, asked: Asked, written: list[dict], change: Callable[..., str]) -> None:
    """Say that the program is ready; then do what each line of JSON of the standard input tells, until that ends.

    ``{}`` is answered by the paths that were asked for since the last time; anything else goes to `change`, and is
    answered by the id of the post.
    """
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port, "threads": written}), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        answer: Any = change(**told) if told else asked.paths[:]
        if not told:
            asked.paths.clear()
        print(json.dumps(answer), flush=True)
