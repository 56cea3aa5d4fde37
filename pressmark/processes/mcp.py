"""`pressmark mcp`: the archive for language models, over standard input or HTTP, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable

from config.settings import Settings
from pressmark.processes.serve import UnprotectedAddress, bound, is_loopback, url_of


def over_stdio(settings: Settings, *, writing: bool) -> None:
    """Answer a client that started this process, until it closes our standard input."""
    from pressmark.api.mcp.server import server
    from pressmark.service.assembly import open_pressmark

    with open_pressmark(settings) as service:
        server(service, writing=writing).run("stdio")


def over_http(settings: Settings, host: str, port: int, *, writing: bool, listening: Callable[[str], None]) -> None:
    """Answer over HTTP until SIGTERM or Ctrl-C. `listening` gets the URL.

    Raises UnprotectedAddress for an address beyond loopback without a token, OSError for an address in use.
    """
    import uvicorn

    from pressmark.api.mcp.server import PATH, application
    from pressmark.service.assembly import open_pressmark

    if settings.token is None and not is_loopback(host):
        raise UnprotectedAddress(host)
    with bound(host, port) as listener, open_pressmark(settings) as service:
        app = application(service, writing=writing)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, server_header=False)
        listening(f"{url_of(listener)}{PATH}")
        uvicorn.Server(config).run(sockets=[listener])
