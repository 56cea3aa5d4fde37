"""pressmark mcp: the archive for language models."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit


@reported
def mcp(
    context: typer.Context,
    *,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP at /mcp instead of standard input.")] = False,
    host: Annotated[
        str, typer.Option(help="Address to listen on with --http; any other than loopback needs a token.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on with --http; 0 picks a free one.")
    ] = 8603,
    write: Annotated[bool, typer.Option("--write", help="Also let the model have pages archived.")] = False,
) -> None:
    """Let language models search and read the archive (Model Context Protocol).

    Standard input and output are for the client that starts the command; logs go to standard error.

    \b
    pressmark mcp
    PRESSMARK_TOKEN=$(openssl rand -hex 32) pressmark mcp --http
    """
    if find_spec("mcp") is None:
        raise fail("the package mcp is not installed", Exit.USAGE, "pip install 'pressmark[mcp]'")
    from pressmark.processes.mcp import over_http, over_stdio

    door = door_of(context)
    if http:
        over_http(door.settings(), host, port, writing=write, listening=lambda url: door.tell(f"Pressmark is at {url}"))
    else:
        over_stdio(door.settings(), writing=write)
