"""Run peers in separate processes: one line per request and response, with a time limit."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any


def started(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def asked(process: subprocess.Popen[str], question: Mapping[str, str], patience: float) -> dict[str, Any] | None:
    """Return a peer's response; None if it does not begin within `patience` seconds, or the peer has ended."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    there, _, _ = select.select([process.stdout], [], [], patience)
    answer = process.stdout.readline() if there else ""
    found: dict[str, Any] | None = json.loads(answer) if answer else None
    return found


def ended(process: subprocess.Popen[str]) -> None:
    """End a peer, whatever it does."""
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # unsent requests in the buffer
                stream.close()
    process.wait()
