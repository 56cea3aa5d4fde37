"""What a page requested, and what it said on its console, while the browser drew it."""

from __future__ import annotations

from typing import Any

from crawler.browser.messages import Asked

_MOST_URLS = 2_000
_MOST_SAID = 200
_MOST_EVENTS = 1_000
_MOST_CHARACTERS = 4 << 20
_LONGEST = 2_000
"""Characters of a URL or a message."""


class PageLog:
    """The log of one page, from the events of the DevTools domains Network and Runtime."""

    def __init__(self) -> None:
        self._urls: dict[str, dict[str, Any]] = {}
        self._open: dict[str, tuple[str, float]] = {}
        """The URLs of requests that have not ended, with their times in seconds of the browser's clock, by id."""
        self._answers: dict[str, dict[str, Any]] = {}
        """What the first request of each URL got."""
        self._said: list[dict[str, Any]] = []
        self._errors = self._unlisted = self._unsaid = 0
        self._events = self._characters = 0
        self._began: float | None = None

    def happened(self, method: str, facts: dict[str, Any]) -> None:
        """Take an event."""
        match method:
            case "Network.requestWillBeSent":
                self._requested(facts)
            case "Network.responseReceived":
                self._note(facts, status=facts["response"]["status"], mime=facts["response"]["mimeType"])
            case "Network.loadingFinished":
                self._ended(facts)
            case "Network.loadingFailed":
                self._ended(facts, error=facts.get("errorText", ""))
            case "Runtime.consoleAPICalled" if facts["type"] in ("error", "warning", "assert"):
                self._heard(facts["type"], " ".join(map(_text, facts["args"])), facts.get("stackTrace"))
            case "Runtime.exceptionThrown":
                details = facts["exceptionDetails"]
                thrown = details.get("exception") or {}
                self._heard("error", thrown.get("description") or details.get("text", ""), details.get("stackTrace"))
        if method.startswith("Runtime."):
            self._events += 1
            self._characters += sum(len(str(one.get("value", ""))) for one in facts.get("args", ()))

    @property
    def is_full(self) -> bool:
        """Whether the page says so much that the browser must not report it any more."""
        return self._events > _MOST_EVENTS or self._characters > _MOST_CHARACTERS

    def answered(self, asked: Asked, status: int) -> None:
        """Note a request that was answered: the page does not report those of its workers."""
        self._fetched(asked, {"status": status})

    def refused(self, asked: Asked, reason: str) -> None:
        """Note why a request got no answer."""
        self._fetched(asked, {"refused": reason})

    def facts(self) -> dict[str, Any]:
        """Return what is known, in the form of Browsertrix' page information: the first request of each URL."""
        urls = dict(self._urls)
        for url, found in self._answers.items():  # the page may report a request after it was refused
            if url not in urls and len(urls) < _MOST_URLS:
                urls[url] = found
            elif url in urls and "refused" in found:
                urls[url] |= {"refused": found["refused"]}
        return {
            "urls": urls,
            "counts": {"jsErrors": self._errors},
            "console": self._said,
            **({"urlsLeftOut": self._unlisted} if self._unlisted else {}),
            **({"messagesLeftOut": self._unsaid} if self._unsaid else {}),
        }

    def _requested(self, facts: dict[str, Any]) -> None:
        url, now = str(facts["request"]["url"])[:_LONGEST], float(facts["timestamp"])
        if url.startswith(("data:", "blob:")):
            return
        self._began = now if self._began is None else self._began
        if (entry := self._urls.get(url)) is not None:
            entry["count"] = entry.get("count", 1) + 1
            return
        if len(self._urls) >= _MOST_URLS:
            self._unlisted += 1
            return
        entry = self._urls[url] = {"type": facts.get("type", "Other"), "startMs": _milliseconds(now - self._began)}
        if (method := facts["request"]["method"]) != "GET":
            entry["method"] = method
        self._open[facts["requestId"]] = url, now

    def _fetched(self, asked: Asked, found: dict[str, Any]) -> None:
        url = asked.url[:_LONGEST]
        if len(self._answers) < _MOST_URLS and not url.startswith(("data:", "blob:")):
            facts = {"type": asked.kind, **found} | ({"method": asked.method} if asked.method != "GET" else {})
            self._answers.setdefault(url, facts)

    def _note(self, facts: dict[str, Any], **found: Any) -> None:
        if (known := self._open.get(facts["requestId"])) is not None:
            self._urls[known[0]].update(found)

    def _ended(self, facts: dict[str, Any], **found: Any) -> None:
        if (known := self._open.pop(facts["requestId"], None)) is not None:
            url, began = known
            self._urls[url].update(found, ms=_milliseconds(float(facts["timestamp"]) - began))

    def _heard(self, level: str, text: str, trace: dict[str, Any] | None) -> None:
        self._errors += level == "error"
        if len(self._said) >= _MOST_SAID:
            self._unsaid += 1
            return
        said: dict[str, Any] = {"level": level, "text": text[:_LONGEST]}
        frame = next(iter((trace or {}).get("callFrames", ())), None)
        if frame is not None:
            said |= {"url": str(frame["url"])[:_LONGEST], "line": frame["lineNumber"] + 1}
        self._said.append(said)


def _text(argument: dict[str, Any]) -> str:
    """Return what the console shows of an argument."""
    return str(argument.get("value", argument.get("description", argument.get("type", ""))))


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)
