"""`make demo`: a newspaper on this machine, a service that archives it, and links to the results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from web_of_tests.newspaper import Newspaper

PRESSMARK = (sys.executable, "-m", "pressmark")
ARTICLE = "forum-instrument-market"


def main() -> None:
    once = bool(os.environ.get("ONCE"))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)
    with tempfile.TemporaryDirectory(prefix="pressmark-demo-") as directory, Newspaper() as paper, nothing_left():
        home = Path(directory) / "home"
        # Without PYTHONPATH: the directories of the tests have the names of the packages that they mirror.
        ours = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment = {
            **ours,
            "PRESSMARK_HOME": str(home),
            "PRESSMARK_SPOOL__BALLAST": "0B",
            "PRESSMARK_ALLOW__ADDRESSES": '["127.0.0.0/8"]',
        }
        say(f"The Harbour Gazette, a sample newspaper on this machine, is at {paper.url}")
        with service(environment) as url:
            say(f"Pressmark is at {url} and stores its data in {home}")
            pressmark(
                *("add", f"{paper.url}/", "--name", "gazette", "--walk", "site", "--every", "1h", "--delay", "0s"),
                *("--allow-address", "127.0.0.0/8", "--yes"),
                environment=environment,
            )
            say("Crawl it once, by hand:")
            pressmark("run", "gazette", environment=environment)
            show(paper.url_of(ARTICLE), url, environment)
            if not once:
                say("Press Ctrl-C to stop the demo and delete its data.")
                until_interrupted()


@contextmanager
def nothing_left() -> Iterator[None]:
    """End every process that was started: a signal in the middle of starting one leaves it to itself."""
    try:
        yield
    finally:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
        with suppress(OSError):
            for each in children.read_text().split():
                os.kill(int(each), signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.wait()


def end(number: int, _: FrameType | None) -> NoReturn:
    """Handle SIGTERM like Ctrl-C: what was started is ended on the way out."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)


def show(article: str, url: str, environment: dict[str, str]) -> None:
    """Show the address of an article, and its extracted text."""
    text = text_of(article, environment)
    say("The newspaper is archived. This is the text of one article:")
    for paragraph in text.split("\n"):
        print(textwrap.indent(textwrap.fill(paragraph, 100), "    "), end="\n\n")
    say("Look at the article in the archive:")
    print(f"    page      {url}/snapshot/latest/{article}")
    print(f"    snapshot  {url}/api/v1/snapshots/latest/json/{article}")
    print(f"    text      {url}/api/v1/snapshots/latest/text/{article}")
    print(f"    original  {url}/api/v1/snapshots/latest/raw/{article}")
    print(f"    overview  {url}/", flush=True)


def text_of(article: str, environment: dict[str, str]) -> str:
    """Return the text. It is extracted after the capture is safe, so it may come a moment later."""
    command = (*PRESSMARK, "-q", "snapshot", "get", article, "--text")
    for _ in range(60):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
        time.sleep(0.5)
    raise SystemExit(f"the text of {article} did not come:\n{done.stderr}")


@contextmanager
def service(environment: dict[str, str]) -> Iterator[str]:
    """A running service, and its URL."""
    log = Path(environment["PRESSMARK_HOME"]).with_name("service.log")
    with log.open("w") as output:
        # Its own group: Ctrl-C ends the demo, and the demo ends the service normally.
        command = (*PRESSMARK, "serve", "--port", "0")
        process = subprocess.Popen(command, env=environment, stderr=output, start_new_session=True)
    try:
        yield listening(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def listening(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Pressmark is at "):
                return line.removeprefix("Pressmark is at ").strip()
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{log.read_text()}")


def pressmark(*arguments: str, environment: dict[str, str]) -> None:
    print(f"\n$ pressmark {' '.join(arguments)}", flush=True)
    done = subprocess.run((*PRESSMARK, *arguments), env=environment, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"it ended with {done.returncode}")


def until_interrupted() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def say(sentence: str) -> None:
    print(f"\n{sentence}", flush=True)


if __name__ == "__main__":
    main()
