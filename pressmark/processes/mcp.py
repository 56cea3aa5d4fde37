"""`pressmark mcp`: the archive for language models, over standard input or HTTP, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable

from config.settings import Settings
from pressmark.processes.serve import bound, url_of


def over_stdio(settings: Settings, *, writing: bool) -> None:
    """Answer a client that started this process, until it closes our standard input."""
    from pressmark.api.mcp.server import server
    from pressmark.service.assembly import open_pressmark
    from pressmark.service.private_files import private_files

    with private_files(), open_pressmark(settings) as service:
        server(service, writing=writing).run("stdio")


def over_http(settings: Settings, host: str, port: int, *, writing: bool, listening: Callable[[str], None]) -> None:
    """Answer over HTTP until SIGTERM or Ctrl-C. `listening` gets the URL.

    Raises UnprotectedAddress and WeakToken for an address beyond loopback, OSError for an address in use.
    """
    import uvicorn

    from pressmark.api.mcp.server import PATH, application
    from pressmark.processes.http_connections import limits_of, within_files
    from pressmark.processes.http_server import configured
    from pressmark.service.access.protection import check_protection, is_loopback
    from pressmark.service.assembly import open_pressmark
    from pressmark.service.private_files import private_files

    check_protection(settings, host)
    with private_files(), bound(host, port) as listener, open_pressmark(settings) as service:
        app = application(service, writing=writing, beyond=not is_loopback(host))
        config = configured(app, within_files(limits_of(settings)), lifespan=True)
        listening(f"{url_of(listener)}{PATH}")
        uvicorn.Server(config).run(sockets=[listener])
