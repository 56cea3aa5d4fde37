"""File formats of the archive: exchanges, WARC records, journal and CDXJ lines, manifests and their keys.

It converts bytes to values and back. It never touches a store, a database or the spool.
"""
