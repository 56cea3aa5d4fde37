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
            help="Network address at which Pressmark accepts connections, with --http. If it is not "
            "127.0.0.1, which only this computer can reach, set an access token."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help="Port at which Pressmark accepts connections, with --http. With 0, the system chooses a free port.",
        ),
    ] = 8603,
    write: Annotated[bool, typer.Option("--write", help="Also allow the language model to archive new pages.")] = False,
) -> None:
    """Let language models search and read the archive (Model Context Protocol).

    You need not run this command yourself: the program with the language model starts it, and uses its standard input
    and output. Log messages go to standard error.

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
