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
    http: Annotated[
        bool,
        typer.Option(
            "--http",
            help="Wait for language models to connect over HTTP, at the path /mcp. Without this option, "
            "the program that uses the language model starts this command.",
        ),
    ] = False,
    host: Annotated[
        str,
        typer.Option(
            help="Network address to listen on with --http. Any address other than this machine's own "
            "(127.0.0.1) needs an access token."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on with --http. With 0, the system picks a free port.")
    ] = 8603,
    write: Annotated[
        bool, typer.Option("--write", help="Also let the language model archive pages that it asks for.")
    ] = False,
) -> None:
    """Let language models search and read the archive (Model Context Protocol).

    A program that uses a language model starts this command, and talks to it over standard input and output. Logs go
    to standard error.

    \b
    pressmark mcp
    PRESSMARK_TOKEN=$(openssl rand -hex 32) pressmark mcp --http
    """
    if find_spec("mcp") is None:
        raise fail(
            "this command needs the Python package mcp, which is not installed",
            Exit.USAGE,
            "install it with: pip install 'pressmark[mcp]'",
        )
    from pressmark.processes.mcp import over_http, over_stdio

    door = door_of(context)
    if http:
        over_http(
            door.settings(), host, port, writing=write, listening=lambda url: door.print_note(f"Pressmark is at {url}")
        )
    else:
        over_stdio(door.settings(), writing=write)
