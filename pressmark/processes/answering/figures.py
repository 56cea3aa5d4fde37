"""Write what a process counted to the database, where `/metrics` of every process adds it up."""

from __future__ import annotations

import asyncio
import logging

from archive.database import figures
from pressmark.service.service import Service

log = logging.getLogger(__name__)

_EVERY = 2.0


async def write_figures(service: Service) -> None:
    """Write every two seconds until cancelled. What can't be written is counted on, and written later."""
    while True:
        await asyncio.sleep(_EVERY)
        try:
            await asyncio.to_thread(figures.write, service.database, service.figures)
        except Exception as error:
            log.debug("the figures are not written", extra={"reason": str(error)})
