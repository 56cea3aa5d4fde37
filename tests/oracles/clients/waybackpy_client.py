"""`waybackpy`, asked about our server instead of archive.org. Run by its own environment; prints JSON."""

from __future__ import annotations

import json
import sys

import waybackpy
from waybackpy import cdx_api, cdx_utils

ours, url = sys.argv[1:]


class Cdx(waybackpy.WaybackMachineCDXServerAPI):
    def __init__(self, url: str, **wanted: object) -> None:
        super().__init__(url, **wanted)
        self.endpoint = f"{ours}/cdx/search/cdx"


def pages(url: str, user_agent: str) -> int:
    asked = cdx_utils.full_url(f"{ours}/cdx/search/cdx?", params={"url": url, "showNumPages": "true"})
    return int(cdx_utils.get_response(asked, headers={"User-Agent": user_agent}).text.strip())


cdx_api.get_total_pages = pages
available = waybackpy.WaybackMachineAvailabilityAPI(url)
available.endpoint = f"{ours}/wayback/available"
wide = url.rstrip("/") + "/*"
print(
    json.dumps(
        {
            "all": [str(one) for one in Cdx(wide).snapshots()],
            "resumed": [str(one) for one in Cdx(wide, limit="3").snapshots()],
            "paged": [str(one) for one in Cdx(wide, use_pagination=True).snapshots()],
            "filtered": [str(one) for one in Cdx(wide, filters=["statuscode:200", "!mimetype:image/.*"]).snapshots()],
            "collapsed": [str(one) for one in Cdx(url, collapses=["digest"]).snapshots()],
            "near": Cdx(url).near(wayback_machine_timestamp="20260131130500").timestamp,
            "oldest": Cdx(url).oldest().timestamp,
            "newest": Cdx(url).newest().timestamp,
            "available": available.near(2026, 1, 31, 13, 5).archive_url,
        }
    )
)
