"""The captures of a key in a short time: those in rows, and those in attached months, which are read first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archive.database.prepared import Query, Row
from archive.index.captures import select_between
from archive.index.cdx.row import Row as MonthRow
from archive.index.months.months import Months
from archive.index.months.own_segments import OwnSegments
from archive.values.urlkey import exactly


class Between:
    """Selects as `archive.index.captures.select_between`. Times are microseconds since 1970; `until` is excluded."""

    def __init__(self, engine: Any) -> None:
        self._rows = Query(engine, select_between)
        self._names = Query(engine, select_between, names=True)
        self.months: Months | None = None

    def rows(self, *, urlkey: str, since: int, until: int) -> list[Row]:
        if not self.months:
            return self._rows.rows(urlkey=urlkey, since=since, until=until)
        own = self.months.own()
        older = self._of_months(urlkey, since, until, own)
        found = self._rows.rows(urlkey=urlkey, since=since, until=until)
        return [row for row in found if not own.is_new(MonthRow._make(row).segment)] + older

    def names_of_each(self, wanted: Iterable[dict[str, Any]]) -> list[list[Row]]:
        """Return the URLs and the record ids for each of many keys and times."""
        asked = list(wanted)
        older = [self._of_months(**one) for one in asked] if self.months else ()
        found = self._names.rows_of_each(asked)
        for rows, more in zip(found, older, strict=False):  # one may be in both: it was added since
            rows += [(row.url, row.record_id) for row in more]
        return found

    def of_payload(self, urlkey: str) -> list[MonthRow]:
        """Return all rows of a key in attached months."""
        return list(self.months.rows(exactly(urlkey))) if self.months else []

    def _of_months(self, urlkey: str, since: int, until: int, own: OwnSegments | None = None) -> list[MonthRow]:
        if not self.months:
            return []
        return list(self.months.rows(exactly(urlkey), since=since, until=until - 1, own=own))
