"""The server of moto, with one request at a time: `python atomic_moto.py HOST PORT`.

By itself, moto looks in one step whether an object exists and stores it in another: of several conditional puts at the
same time, two can be answered with 200. S3 promises that one wins (Amazon S3 User Guide, "Conditional writes").
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from threading import Lock
from typing import Any


def one_at_a_time(app: Callable[..., Any]) -> Callable[..., list[bytes]]:
    """Return the WSGI application `app`, which then handles a request only when the one before is answered."""
    busy = Lock()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))  # a slow client keeps nobody waiting
        with busy:
            return list(app(environ, start_response))

    return answer


def main(host: str, port: int) -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    app = one_at_a_time(DomainDispatcherApplication(create_backend_app))
    run_simple(host, port, app, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
