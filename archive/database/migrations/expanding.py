"""The oldest schema whose code works with the tables of each revision: services of it run on while others are upgraded.

A revision *expands* when it only adds: tables, indexes that are not unique, and columns that may be empty or have a
default of the server; no trigger, and no foreign key onto an older table. Code of the schema
before it reads and writes as before. A revision *contracts* when it removes
what no code needs any more since an earlier schema: code of that schema and later works with it. Any other revision
names itself: services of the former version are stopped while it changes the tables.

    OLDEST = {..., "0051": "0050"}     # 0051 adds a column that may be empty
    OLDEST = {..., "0052": "0051"}     # 0052 removes a column that no code uses since 0051; REMOVES names it
    OLDEST = {..., "0053": "0053"}     # 0053 changes what a column means

Each revision since 0038 is listed. A test compares the tables before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OLDEST: Mapping[str, str] = {"0038": "0037", "0039": "0037"}
"""By revision."""
REMOVES: Mapping[str, frozenset[str]] = {}
"""By revision that contracts: the names of the tables, indexes and columns (`table.column`) that it removes."""


def oldest_fitting(revisions: Iterable[str], oldest: Mapping[str, str] = OLDEST) -> str:
    """Return the oldest schema whose code works with a database to which all these revisions were applied."""
    return max(oldest.get(each, each) for each in revisions)
