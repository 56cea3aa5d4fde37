"""A browser without scripts: it keeps cookies by their paths, and sends forms."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answered:
    status: int
    location: str
    page: str
    cookies: tuple[str, ...]
    """The values of Set-Cookie."""


@dataclass
class PlainBrowser:
    """A browser at a service, which comes from a provider of logins and goes there."""

    url: str
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The value and the path of each."""
    language: str = "en"

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answered:
        sent = "; ".join(f"{name}={it}" for name, (it, below) in self.cookies.items() if path.startswith(below))
        headers = {"Accept": "text/html", "Accept-Language": self.language, "Cookie": sent}
        answer = _asked(method, self.url + path, fields, headers)
        for value in answer.cookies:
            name, _, rest = value.partition("=")
            path_of = next(it.strip().partition("=")[2] for it in rest.split(";") if it.strip().startswith("Path="))
            assert "HttpOnly" in rest and "SameSite" in rest, value
            self.cookies[name] = rest.partition(";")[0].strip('"'), path_of
            if "Max-Age=0" in rest:
                del self.cookies[name]
        return answer

    def begin(self, following: str = "/runs") -> str:
        """Begin a login, and return the address at the provider."""
        answer = self.send("GET", f"/login/oidc?{urlencode({'next': following})}")
        assert answer.status == 303, answer.page
        return answer.location

    def callback(self, subject: str, following: str = "/runs") -> str:
        """Log in at the provider, and return the path that the browser comes back to."""
        answer = _asked("POST", self.begin(following), {"sub": subject}, {})
        assert answer.status == 302, answer.page
        return answer.location.removeprefix(self.url)

    def log_in(self, subject: str, following: str = "/runs") -> Answered:
        """Log in at the provider, and come back."""
        return self.send("GET", self.callback(subject, following))


def _asked(method: str, url: str, fields: dict[str, str] | None, headers: dict[str, str]) -> Answered:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=600)
    try:
        body = urlencode(fields or {}) if method == "POST" else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        connection.request(method, url.partition(parts.netloc)[2] or "/", body, {**headers, **kind})
        answer = connection.getresponse()
        cookies = tuple(answer.headers.get_all("Set-Cookie") or ())
        return Answered(answer.status, answer.headers.get("Location", ""), answer.read().decode(), cookies)
    finally:
        connection.close()
