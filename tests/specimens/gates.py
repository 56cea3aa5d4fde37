"""A gate of the service before an application that lets everything in."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Scope

from archive.database.engine import Database
from config.settings import Settings
from pressmark.http.callers import Callers
from pressmark.http.gate import Gate
from pressmark.http.sessions import COOKIE
from pressmark.service.access.access import Access
from pressmark.service.access.roles import SETTING, Role
from pressmark.service.access.rooms import ReadingRooms

TOKEN, FEEDS = "a token of some length", "a token for feeds alone"


BEARER = f"Bearer {TOKEN}"


FOREIGN = "https://evil.example"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class House:
    """A gate before an app that answers 200 to everything."""

    def __init__(self, home: Path, database: Database, token: str | None, *, beyond: bool = False) -> None:
        self.now = Clock()
        self.access = Access(Settings(home=home, token=token), database, now=self.now)  # type: ignore[arg-type]
        self.callers = Callers(self.access, token, FEEDS if token else None, now=self.now)
        collections = {"news-one": "news"}
        rooms = ReadingRooms({}, now=self.now)
        self.gate = Gate(PlainTextResponse("in"), self.callers, collections.get, rooms=rooms, beyond=beyond)
        self.said = b""
        """The body of the last answer."""

    def ask(
        self, method: str, path: str, *, query: str = "", address: str = "127.0.0.1", **headers: str
    ) -> tuple[int, Headers]:
        fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope: Scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
        scope |= {"headers": fields, "client": (address, 1)}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        self.said = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], Headers(raw=sent[0]["headers"])

    def cookie(self) -> str:
        return f"{COOKIE}={self.access.begin_session(SETTING, '127.0.0.1')}"

    def token(self, name: str, role: Role = Role.READ, *collections: str) -> str:
        return f"Bearer {self.access.add_token(name, role, collections=collections)[1]}"


def basic(password: str) -> str:
    return "Basic " + b64encode(f"anybody:{password}".encode()).decode()
