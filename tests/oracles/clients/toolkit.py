"""`cdx_toolkit` in the dialects of pywb and of the Internet Archive. Run by its own environment; prints JSON."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from typing import Any

import cdx_toolkit
from cdx_toolkit import myrequests

ours, url, nothing = sys.argv[1:]
myrequests.retry_info["default"]["minimum_interval"] = 0


def rows(found: Iterable[Any]) -> list[dict[str, str]]:
    return [dict(one.data) for one in found]


def all_of(fetcher: cdx_toolkit.CDXFetcher) -> dict[str, object]:
    wide = url.rstrip("/") + "/*"
    return {
        "get": rows(fetcher.get(url)),
        "iter": rows(fetcher.iter(wide)),
        "limited": rows(fetcher.iter(wide, limit=3)),
        "filtered": rows(fetcher.iter(wide, filter=["=status:200"])),
        "nothing": rows(fetcher.iter(nothing)),
        "none": rows(fetcher.get(nothing)),
        "size": fetcher.get_size_estimate(wide, as_pages=True),
    }


pywb = cdx_toolkit.CDXFetcher(source=f"{ours}/all/cdx", warc_download_prefix=f"{ours}/warcs")
archive = cdx_toolkit.CDXFetcher(source=f"{ours}/cdx/search/cdx", wb=f"{ours}/web")
first, again = next(iter(pywb.get(url))), next(iter(archive.get(url)))
print(
    json.dumps(
        {
            "pywb": all_of(pywb),
            "ia": all_of(archive),
            "record": base64.b64encode(first.fetch_warc_record().content_stream().read()).decode(),
            "replayed": base64.b64encode(again.content).decode(),
        }
    )
)
