"""The formats of what is kept: exchanges, WARC records, journal and CDXJ lines, manifests and their keys.

It turns bytes into values and back. It never touches a store, a database or the spool.
"""
