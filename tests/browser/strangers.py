"""A live server of somebody else, on a loopback socket: it sends what it is told to, and remembers who asked."""

from __future__ import annotations

from types import TracebackType

from web_of_tests.sockets import Server, Wire


class Stranger:
    def __init__(self) -> None:
        self.asked: list[str] = []
        """The targets of all requests, in their order."""
        self.cookies: list[str] = []
        self._pages: dict[str, Wire] = {}
        self._server = Server(self._respond)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def has(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Serve something from now on; its URL."""
        fields = [("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in headers.items())]
        self._pages[path] = Wire(200, fields, body.encode() if isinstance(body, str) else body)
        return self.url + path

    def _respond(self, method: str, target: str, headers: dict[str, str]) -> Wire:
        self.asked.append(target)
        if "cookie" in headers:
            self.cookies.append(headers["cookie"])
        return self._pages.get(target) or Wire(404, [("Content-Type", "text/plain")], b"nothing")

    def __enter__(self) -> Stranger:
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()
