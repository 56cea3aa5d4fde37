"""A home of Pressmark in a temporary directory: commands as processes, the service as a process, HTTP as a client."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import pytest
from conftest import figure
from services.waiting import eventually

from archive.values.errors import ArchiveError
from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark

T = TypeVar("T")
PATIENCE = figure(240, 3_600, 36_000)
"""Seconds that a command may take: long forms crawl forums of thousands of posts."""

QUICK = {
    "PRESSMARK_SPOOL__BALLAST": "0B",
    "PRESSMARK_SPOOL__SEAL_AFTER": "1s",
    "PRESSMARK_LOG__FORMAT": "json",
    "PRESSMARK_ALLOW__ADDRESSES": '["127.0.0.0/8", "::1/128"]',
}
"""Settings that make a service show in seconds what normally takes minutes."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Served:
    """A running `pressmark serve`."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        form: str | None = None,
    ) -> Answer:
        """Send one request; `path` goes over the wire as given."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        sent = dict(headers or {})
        data = None
        if form is not None:
            data, sent["Content-Type"] = form.encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.putrequest(method, path, skip_host="Host" in sent, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if data is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def items(self, path: str) -> list[Any]:
        """Return all items of a list, page by page."""
        items, cursor, joint = list[Any](), "", "&" if "?" in path else "?"
        while True:
            answer = self.get(f"{path}{joint}cursor={quote(cursor)}" if cursor else path).json
            items += answer["items"]
            if not (cursor := answer.get("next") or ""):
                return items


@dataclass(slots=True)
class Household:
    home: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(QUICK))

    @property
    def database_url(self) -> str:
        return self.environment.get("PRESSMARK_DATABASE", f"sqlite:///{self.home / 'pressmark.db'}")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "pressmark", "--home", str(self.home), *arguments]

    def env(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PRESSMARK_")}
        return {**ours, **self.environment}

    def run(self, *arguments: str, code: int | None = 0, given: str | None = None) -> Ended:
        """Run a command to its end, which must have this exit code if one is given; `given` is its standard input."""
        done = subprocess.run(
            self.command(*arguments),
            check=False,
            env=self.env(),
            cwd=self.home.parent,
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        ended = Ended(done.returncode, done.stdout, done.stderr)
        assert code in (None, ended.code), f"{' '.join(arguments)} ended with {ended.code}:\n{ended.out}\n{ended.err}"
        return ended

    def look(self, *arguments: str, code: int | None = 0) -> Ended:
        """Run a read-only command in this process: this saves a second of imports."""
        logger = logging.getLogger()
        handlers, level = logger.handlers[:], logger.level
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), self._own_database():
                main(["--home", str(self.home), *arguments])
        except SystemExit as ended:
            found = ended.code
        finally:
            logger.handlers[:], _ = handlers, logger.setLevel(level)
        texts = [(stream.flush(), stream.buffer.getvalue().decode())[1] for stream in (out, err)]  # type: ignore[attr-defined]
        assert code in (None, found or 0), f"{' '.join(arguments)} ended with {found}:\n{texts[0]}\n{texts[1]}"
        return Ended(int(found or 0), *texts)

    @contextmanager
    def _own_database(self) -> Iterator[None]:
        """Give this process the database of this household, as a test may have several; hide what chooses tests."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("PRESSMARK_DATABASE", "PRESSMARK_TESTS", "PRESSMARK_TESTS_DATABASE"):
                patch.delenv(name, raising=False)
            if url := self.environment.get("PRESSMARK_DATABASE"):
                patch.setenv("PRESSMARK_DATABASE", url)
            yield

    def source(self, name: str, text: str) -> None:
        directory = self.home / "sources"
        self.home.mkdir(0o700, parents=True, exist_ok=True)
        directory.mkdir(exist_ok=True)
        (directory / f"{name}.yaml").write_text(text)

    @contextmanager
    def serving(self, *arguments: str, kill: bool = False) -> Iterator[Served]:
        """Run a service that is stopped at the end: by SIGTERM, or, with `kill`, by SIGKILL to it and its worker."""
        self.home.mkdir(0o700, parents=True, exist_ok=True)
        log = self.home.parent / f"serve-{time.monotonic_ns()}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                self.command("serve", "--port", "0", *arguments),
                env=self.env(),
                cwd=self.home.parent,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )
        served = Served(process, "", log)
        try:
            served.url = eventually(lambda: _listening(process, log))
            eventually(lambda: "worker" not in served.get("/readyz").json["problems"], within=PATIENCE)
            yield served
        finally:
            self._end(process, kill=kill)

    @staticmethod
    def _end(process: subprocess.Popen[str], *, kill: bool) -> None:
        if kill:
            os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _listening(process: subprocess.Popen[str], log: Path) -> str | None:
    text = log.read_text()
    assert process.poll() is None, f"the service ended:\n{text}"
    _, _, after = text.partition("Pressmark is at ")
    return after.split("\n")[0] if after and "\n" in after else None


def gazette(url: str, *, walk: str = "site", more: str = "") -> str:
    """Write the file of a source that archives the Harbour Gazette, as fast as possible."""
    return (
        f"source: gazette\nseeds: [{url}]\nwalk: {walk}\npoliteness: {{delay: 0s, concurrency: 4}}\n"
        f"addresses: [127.0.0.0/8]\n{more}"
    )


def unreadable(home: Path, url: str) -> tuple[dict[str, str], bool]:
    """Return the captures that are listed and can't be read, and whether there are any at all."""
    found: dict[str, str] = {}
    with open_pressmark(load_settings({"home": home})) as service:
        listed = list(service.index.captures(url, match="host"))
        for capture in listed:
            try:
                service.archive.open(capture).close()
            except ArchiveError as error:
                found[capture.url] = str(error)
    return found, bool(listed)
