"""NodeBB, with a Redis of its own, filled with threads and served on a loopback socket.

    python nodebb_forum.py DIRECTORY THREADS LONGEST

The variable PROGRAM_NODE names the directory of its npm packages. Prints a line of JSON when it is ready: the port, and
all that was written, in the order of the pages; serves, and is written to (see `recorded_requests`), until its standard
input ends. Ends with 3 where Node.js or Redis is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).parent))

from configured import FOLDER, LANGUAGE, PER_PAGE
from said import PEOPLE, threads

MODERATOR = "the_moderator"
ADMINISTRATOR = {
    "admin:username": MODERATOR,
    "admin:email": "moderator@example.org",
    "admin:password": "for tests",
    "admin:password:confirm": "for tests",
}
BOUND = ("setpriv", "--pdeathsig", "KILL")
"""If this process is killed, the others end, too."""
PICTURES = ("nodebb-plugin-emoji-one", "nodebb-plugin-emoji-extended", "nodebb-plugin-soundpack-default")
"""Plugins that fetch pictures and sounds from elsewhere before the forum starts."""
OTHER_BOARDS = ("2", "3", "4")
"""Of a new forum, which is to have one, as those of the other programs."""
SETTINGS = {
    "postDelay": 0,
    "initialPostDelay": 0,
    "newbiePostDelay": 0,
    "minimumPostLength": 1,
    "eventLoopCheckEnabled": 0,
}


def main(directory: Path, count: int, longest: int) -> None:
    if not all(map(shutil.which, ("node", "redis-server", "redis-cli"))):
        sys.exit(3)
    site = _site(directory, Path(os.environ["PROGRAM_NODE"]) / "node_modules")
    port, redis = _free_port(), _free_port()
    config = {"url": f"http://127.0.0.1:{port}{FOLDER}", "secret": "for tests", "database": "redis", "bcrypt_rounds": 1}
    config |= {"bind_address": "127.0.0.1", "redis": {"host": "127.0.0.1", "port": redis, "database": 0}}
    command = [*BOUND, "node", "--require", str(Path(__file__).with_suffix(".js")), "app.js"]
    with (directory / "log").open("ab") as log, _redis(directory, redis, log):
        (site / "config.json").write_text(json.dumps(config))
        setup = [*command, f"--setup={json.dumps(ADMINISTRATOR)}"]
        subprocess.run(setup, check=True, cwd=site, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        (site / "config.json").write_text(json.dumps(config))  # the setup leaves out what it does not know
        _configure(redis)
        _serve(command, site, log, port, threads(count, longest))


def _site(directory: Path, packages: Path) -> Path:
    """Return a copy of the program, which writes into its own directory."""
    site = directory / "site"
    shutil.copytree(packages / "nodebb", site)
    (site / "node_modules").symlink_to(packages)
    (site / "public/uploads/sounds").mkdir(parents=True, exist_ok=True)
    for made in ("nodebb.min.js", "acp.min.js", "stylesheet.css", "admin.css"):  # no test reads them
        (site / "public" / made).touch()
    return site


@contextmanager
def _redis(directory: Path, port: int, log: IO[bytes]) -> Iterator[None]:
    given = {"port": port, "bind": "127.0.0.1", "dir": directory, "save": "", "appendonly": "no"}
    options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
    with subprocess.Popen(
        [*BOUND, "redis-server", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log
    ) as server:
        try:
            until = time.monotonic() + 120
            while _tell(port, "PING", check=False) != "PONG" and time.monotonic() < until:
                time.sleep(0.1)
            yield
        finally:
            server.kill()


def _configure(redis: int) -> None:
    for plugin in PICTURES:
        _tell(redis, "ZREM", "plugins:active", plugin)
    for boards in ("categories:cid", "cid:0:children"):
        _tell(redis, "ZREM", boards, *OTHER_BOARDS)
    _tell(redis, "HSET", "category:1", "name", "Policy & Science", "slug", "1/policy-science")
    chosen = {"defaultLang": LANGUAGE, "postsPerPage": PER_PAGE}
    given = SETTINGS | {name: value for name, value in chosen.items() if value}
    _tell(redis, "HSET", "config", *(str(part) for pair in given.items() for part in pair))


def _tell(port: int, *words: str, check: bool = True) -> str:
    asked = ["redis-cli", "-h", "127.0.0.1", "-p", str(port), *words]
    return subprocess.run(asked, check=check, capture_output=True, text=True).stdout.strip()


def _serve(command: list[str], site: Path, log: IO[bytes], port: int, written: list[dict]) -> None:
    receiving, sending = os.pipe()
    told = {"cwd": site, "stdin": subprocess.PIPE, "stdout": log, "stderr": log, "pass_fds": (sending,)}
    answering = os.environ | {"PROGRAM_ANSWERS": str(sending)}
    with subprocess.Popen(command, env=answering, **told) as forum, os.fdopen(receiving) as answers:
        os.close(sending)
        try:
            filled = _ask(forum, answers, {"threads": written, "people": PEOPLE, "moderator": MODERATOR})
            print(json.dumps({"port": port, "threads": json.loads(filled)}), flush=True)
            for line in sys.stdin:
                print(_ask(forum, answers, json.loads(line)), end="", flush=True)
        finally:
            forum.kill()


def _ask(forum: subprocess.Popen[bytes], answers: IO[str], told: dict) -> str:
    assert forum.stdin is not None
    forum.stdin.write(json.dumps(told).encode() + b"\n")
    forum.stdin.flush()
    answer = answers.readline()
    assert answer, "NodeBB has ended"
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
