"""Export the archive in the usual formats of web archiving, one format per file.

The command line and the API start exports. An export only reads.
"""

from __future__ import annotations

from archive.export.bagit import Bagit
from archive.export.cdxj import Cdxj
from archive.export.exports import Exports
from archive.export.file import Exported, export_to, verified
from archive.export.jsonl import Jsonl
from archive.export.parquet import Parquet
from archive.export.protocol import Exporter
from archive.export.wacz import Wacz
from archive.export.warc import Warc
from archive.export.wat import Wat
from archive.export.wet import Wet
from archive.export.zipnum import Zipnum

__all__ = ["EXPORTERS", "Exported", "Exporter", "Exports", "export_to", "verified"]

EXPORTERS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (
        Wacz(),
        Warc(),
        Wet(),
        Wat(),
        Cdxj(),
        Zipnum(),
        Jsonl(),
        Parquet(),
        Bagit(),
    )
}
"""By name, in the order in which people are shown them."""
