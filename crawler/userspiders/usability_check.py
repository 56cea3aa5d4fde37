"""Check whether a user's spider is usable, in a child like that of its runs.

It is imported and instantiated, not run.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from config.errors import NotPermitted, SecretNotFound
from config.groups.permissions import Permissions
from config.source import Source
from config.values.secret import Secret
from crawler.userspiders.process import SpiderProcess

_WITHIN = 120.0


def why_not_usable(
    source: Source,
    directory: Path,
    permissions: Permissions,
    *,
    confined: Literal["auto"] | bool,
    scrapy: Mapping[str, Any] | None = None,
) -> str | None:
    """Return why the spider of a source can't be run, as a sentence; None when it can.

    Its files are below `directory`; `scrapy` are settings of Scrapy that those of the source override.
    """
    try:
        arguments = {
            name: permissions.reveal(value) if isinstance(value, str | Secret) else value
            for name, value in source.arguments.items()
        }
    except (NotPermitted, SecretNotFound):
        return None  # the child receives the secret
    order: dict[str, object] = {
        "check": True,
        "source": source.name,
        "spider": source.spider,
        "arguments": arguments,
        "scrapy": {**(scrapy or {}), **source.scrapy},
        "identity": source.identity(),
        "concurrency": source.politeness.concurrency,
        "retries": source.politeness.retries,
        "timeout": source.politeness.timeout.total_seconds(),
        "directory": str(directory),
        "confined": confined,
    }
    return asyncio.run(_check_in_child(order))


async def _check_in_child(order: dict[str, object]) -> str | None:
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory) / "scratch"
        scratch.mkdir()
        process = await SpiderProcess.start(0, Path(directory) / "said")
        try:
            process.send(order | {"scratch": str(scratch)})
            found = None
            with suppress(TimeoutError):
                async with asyncio.timeout(_WITHIN):
                    while (found := await process.next()) is not None and found[0]["kind"] == "event":
                        pass
            if found is None:
                await process.wait()
                return f"the process of the spider {process.obituary()}"
            return str(found[0]["reason"]) if found[0]["kind"] == "unusable" else None
        finally:
            await process.end()
