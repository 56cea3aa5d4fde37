"""The server of the Model Context Protocol: our tools in the official SDK, over standard input or HTTP."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from starlette.types import ASGIApp

import pressmark
from archive.values.errors import CaptureNotFound
from pressmark.api.mcp.tools import Tools
from pressmark.http.callers import Callers, calling, calling_from
from pressmark.http.gate import Gate
from pressmark.service.access.roles import Role
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.access.source_facts import in_text
from pressmark.service.access.take_downs import ActiveTakeDowns, tombstone
from pressmark.service.access.trail import COMMAND_LINE, user_of_machine, write_or_log
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service

PATH = "/mcp"
_INSTRUCTIONS = (
    "Pressmark is an archive of web pages: news and forums, each page as it was at the time of each capture. "
    "Cite what you use: give the link, the time of the capture and the record id of the evidence."
)
_NEEDS_ROLE = "this needs an access token with the role trigger"


def server(service: Service, *, writing: bool = False, over_http: bool = False) -> MCPServer[Any]:
    """Create the server. With `writing`, a model may also have pages archived; over HTTP, if its token may do so."""
    tools, take_downs = Tools(service), service.take_downs
    made: MCPServer[Any] = MCPServer(
        name="pressmark",
        title="Pressmark",
        instructions=_INSTRUCTIONS,
        version=pressmark.__version__,
        log_level="ERROR",
    )
    for tool in tools.reading:
        made.add_tool(
            _answering(tool, take_downs), annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
        )
    for tool in tools.writing if writing else ():
        made.add_tool(
            _answering(_for_role(tool, service) if over_http else _by_user(tool, service), take_downs),
            annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True),
        )
    return made


def application(service: Service, *, writing: bool = False, beyond: bool = False) -> ASGIApp:
    """Create the application for streamable HTTP at `PATH`, behind the gate of all our routes: token, host, origin.

    `beyond` says that others than this machine can reach it.
    """
    token = service.settings.token
    callers = Callers(service.access, token.get_secret_value() if token else None, now=service.now)
    own_gate = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server(service, writing=writing, over_http=True).streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, transport_security=own_gate
    )
    rooms = ReadingRooms(service.settings.rooms, now=service.now)
    return Gate(app, callers, rooms=rooms, open_sources=service.open_sources, beyond=beyond)


def _for_role(tool: Callable[..., Any], service: Service) -> Callable[..., Any]:
    """Refuse a tool to callers over HTTP who may not request runs."""

    @functools.wraps(tool)
    def checked(*args: Any, **kwargs: Any) -> Any:
        caller, address, trail = calling.get(), calling_from.get(), service.access.trail
        who = str(caller or "nobody")
        if caller is None or not caller.role.includes(Role.TRIGGER):
            facts: dict[str, Any] = {"status": 403, "why": _NEEDS_ROLE}
            write_or_log(partial(trail.refuse, who, address, *_action(tool, kwargs), **facts))
            raise ValueError(_NEEDS_ROLE)
        return _recorded(partial(tool, *args, **kwargs), partial(trail.add, who, address, *_action(tool, kwargs)))

    return checked


def _by_user(tool: Callable[..., Any], service: Service) -> Callable[..., Any]:
    """Have the uses of a tool by a user of this machine in the audit trail."""

    @functools.wraps(tool)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        add = partial(service.access.trail.add, user_of_machine(), COMMAND_LINE, *_action(tool, kwargs))
        return _recorded(partial(tool, *args, **kwargs), add)

    return recorded


def _recorded(tool: Callable[[], Any], add: Callable[..., object]) -> Any:
    """Use a tool, and have that in the audit trail, also if it fails."""
    outcome = "failed"
    try:
        done = tool()
        outcome = "done"
        return done
    finally:
        write_or_log(partial(add, outcome=outcome))


def _action(tool: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is done and to which, as the audit trail names it."""
    return f"tool {tool.__name__}", " ".join(map(str, arguments.values()))


def _answering(tool: Callable[..., Any], take_downs: ActiveTakeDowns) -> Callable[..., Any]:
    """Report known errors to the model as sentences; the SDK hides all others. What was taken down is hidden."""

    @functools.wraps(tool)
    def answering(*args: Any, **kwargs: Any) -> Any:
        try:
            with take_downs.hidden():
                return tool(*args, **kwargs)
        except Exception as error:
            if isinstance(error, CaptureNotFound) and (one := take_downs.instead_of(error.url)):
                raise ToolError(tombstone(one)) from error
            if exit_of(error) == Exit.ERROR and not isinstance(error, ValueError):
                logging.getLogger(__name__).exception("a tool failed")
                raise
            raise ToolError(in_text(str(error))) from error

    return answering
