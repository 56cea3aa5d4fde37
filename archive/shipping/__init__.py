"""Ship sealed segments to the store: upload, sidecars, manifest, index, release of the spool.

Each worker runs one shipper. It never writes a WARC.
"""
