"""Serve the Harbour Gazette until Ctrl-C: `PYTHONPATH=tests python -m web_of_tests.serve [--port 8900]`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading

from web_of_tests.newspaper import Newspaper


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the Harbour Gazette on a loopback socket.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    options = parser.parse_args()
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    with Newspaper(port=options.port, latency=options.latency) as paper, contextlib.suppress(KeyboardInterrupt):
        print(paper.url, flush=True)
        done.wait()


if __name__ == "__main__":
    main()
