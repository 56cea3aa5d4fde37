"""The SQL statements of the frontier. The state numbers in them are the values of `rows.State`."""

from __future__ import annotations

TABLES = """
CREATE TABLE IF NOT EXISTS hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS urls (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, url TEXT NOT NULL, host INTEGER NOT NULL, role INTEGER NOT NULL,
    depth INTEGER NOT NULL, priority INTEGER NOT NULL, state INTEGER NOT NULL, hops INTEGER NOT NULL,
    seed INTEGER NOT NULL, via INTEGER, page INTEGER, modified REAL,
    attempts INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, reason TEXT,
    same BLOB, mark TEXT, leads_to BLOB);
CREATE TABLE IF NOT EXISTS thread_pages (
    id INTEGER PRIMARY KEY, home TEXT NOT NULL, number INTEGER, pages INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS ready ON urls (host, priority DESC, id) WHERE state = 0;
"""
TWINS = """CREATE INDEX IF NOT EXISTS twins ON urls (same) WHERE same IS NOT NULL;
CREATE INDEX IF NOT EXISTS aliases ON urls (same) WHERE state = 6;"""
STANDS = """(o.state IN (0, 1) OR (o.state = 2 AND o.reason IS NULL)
OR (o.state = 5 AND o.reason IN ('not-newer', 'not-due')))"""
"""Whether a row is fetched, or will be: then no other address of its page is requested."""
ADD = """INSERT INTO urls (key, url, host, role, depth, priority, state, hops, seed, via, page, modified, same, mark)
VALUES (?, ?, ?, ?, ?, ?, CASE WHEN ? = 0 AND EXISTS (
SELECT 1 FROM urls o WHERE o.same = ? AND {}) THEN 6 ELSE ? END, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key)
DO """
ADD_NEW = ADD.format(f"(o.state = 3 OR {STANDS})") + "NOTHING RETURNING state"
ADD_TARGET = (
    ADD.format(f"o.id != ? AND {STANDS}")
    + "UPDATE SET state = excluded.state, hops = excluded.hops, "
    + "modified = CASE state WHEN 3 THEN NULL ELSE modified END WHERE state IN (3, 6) RETURNING state"
)
"""A target that redirected in this run is requested in any case: of what this run had of it, no page is known."""
_OTHER = """UPDATE urls SET state = 0 WHERE id = (SELECT min(a.id) FROM urls gone JOIN urls a ON a.same = gone.same
WHERE gone.id = ? AND a.state = 6 AND NOT EXISTS (SELECT 1 FROM urls o WHERE o.same = gone.same AND {}))
RETURNING host"""
PROMOTE = _OTHER.format(STANDS)
"""Queue another address of a page that failed."""
ALIASES = """SELECT a.url, p.url FROM urls a JOIN urls p ON p.same = a.same
WHERE a.state = 6 AND p.state = 2 AND p.reason IS NULL GROUP BY a.id ORDER BY a.id LIMIT ?"""
_ENDS = """WITH RECURSIVE hops (id, target) AS (SELECT id, leads_to FROM urls WHERE state = 3 AND role != 1
UNION SELECT h.id, t.leads_to FROM hops h JOIN urls t ON t.key = h.target WHERE t.state = 3),
ends AS (SELECT h.id, t.url, t.state, t.reason FROM hops h JOIN urls t ON t.key = h.target WHERE t.state != 3) {}"""
"""The final redirect target of each URL that redirected, by its id."""
MOVED = _ENDS.format("SELECT i.url, e.url, e.reason FROM ends e JOIN urls i ON i.id = e.id ORDER BY i.id")
ITEMS = _ENDS.format("""SELECT CASE
WHEN i.state = 2 AND i.reason IS NULL OR i.state = 3 AND e.state IS NULL THEN 'had'
WHEN i.state = 3 AND (e.state = 6 OR e.state = 2 AND e.reason IS NULL) THEN 'had'
WHEN coalesce(e.state, i.state) IN (0, 1) THEN 'not fetched when the run ended'
WHEN coalesce(e.state, i.state) = 5 AND coalesce(e.reason, i.reason) IN ('not-newer', 'not-due', 'alias') THEN 'known'
WHEN i.state = 3 THEN 'moved, then ' || coalesce(e.reason, 'for no reason')
ELSE coalesce(i.reason, 'for no reason') END, count(*), min(i.url)
FROM urls i LEFT JOIN ends e ON e.id = i.id WHERE i.seed = 0 AND i.page IS NULL AND i.state != 6
AND ((i.role = 0 AND NOT EXISTS (SELECT 1 FROM urls v WHERE v.id = i.via AND v.role = 0))
OR (i.role = 5 AND coalesce(i.mark, '') NOT IN ('more', 'all'))) GROUP BY 1""")
"""The fates of the pages that lists name.

A redirect to a page that was fetched anyway counts as fetched. What a page leads to is a further part of it, and not an
item of its own.
"""
OWED = """SELECT url, role, depth, mark FROM urls WHERE role != 1 AND seed = 0 AND (state IN (0, 1) OR (state = 4
AND reason NOT GLOB '4[0-9][0-9]*' AND reason NOT GLOB '*(*)')) ORDER BY priority DESC, id LIMIT ?"""
"""What was not fetched, and may be another time: neither refused nor judged."""
ROWS = """SELECT u.id, u.url, u.host, u.role, u.depth, u.attempts, u.hops, u.seed, u.page, u.modified, u.mark, v.url
FROM urls u LEFT JOIN urls v ON v.id = u.via WHERE u.state = 0 AND """
LEASE = ROWS + "u.host = ? AND u.due <= ? {} ORDER BY u.priority DESC, u.id LIMIT ?"
LEASE_ANY = LEASE.format("")
LEASE_REQUISITES = LEASE.format("AND u.priority = 1")
PENDING = ROWS + "u.id > ? ORDER BY u.id LIMIT ?"
NEXT_DUE = "SELECT min(due) FROM urls WHERE state = 0 AND host = ? AND due > ? AND priority >= ? AND priority <= ?"
SHORTEN_WAITS = "UPDATE urls SET due = ? WHERE state = 0 AND due > ?"
SETTLE = "UPDATE urls SET state = ?, reason = ?, due = ?, attempts = ?, leads_to = ? WHERE id = ?"
COUNT = "INSERT INTO tally VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
ADD_THREAD_PAGE = "INSERT OR REPLACE INTO thread_pages VALUES (?, ?, ?, ?)"
THREAD_PAGES = """WITH RECURSIVE up (id, root) AS (SELECT id, id FROM thread_pages
UNION SELECT up.id, v.id FROM up JOIN urls u ON u.id = up.root JOIN urls v ON v.id = u.via WHERE v.role = 5),
roots AS (SELECT id, min(root) AS root FROM up GROUP BY id)
SELECT r.root, u.url, coalesce(u.mark, '') NOT IN ('more', 'all'), t.home, t.number, t.pages
FROM thread_pages t JOIN roots r ON r.id = t.id JOIN urls u ON u.id = r.root ORDER BY t.id"""
"""The pages of threads that were read, each with the row by which the walk reached its thread."""
