"""Where records are that purges have moved, for captures that are in attached months alone."""

from __future__ import annotations

from dataclasses import replace

from archive.index.months.months import Months
from archive.store.object_reader import octets_of
from archive.values.capture import Location
from archive.warc import cdxj
from archive.warc.manifest import Manifest
from archive.warc.purge_names import first_name


def place_in_months(months: Months, where: Location, record_id: str) -> Location | None:
    """Return where a record of a segment is now that a purge has rewritten it: who read the month before asks.

    None if no purge did, if the record was purged, or if several have its id. Raises StoreError, ObjectNotFound.
    """
    months.find_newer()
    first, own = first_name(where.segment), [each for one in months.files() for each in one.month.segments.items()]
    later = {one.manifest_key for name, one in own if first_name(name) == first and name != where.segment}
    for key in later:
        manifest = Manifest.parse(octets_of(months.store, key), key)
        listed = cdxj.read(octets_of(months.store, manifest.cdxj.key))
        found = [one.location for one in listed if record_id and one.record_id == record_id]
        if len(found) == 1:
            return replace(where, segment=manifest.segment, offset=found[0].offset)
    return None
