"""Sealed segments on their way into the store: upload, sidecars, manifest, index, release of the spool.

One shipper runs in a worker. It never writes a WARC.
"""
