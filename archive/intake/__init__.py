"""Ingest complete WARCs: our own in a rebuild, and foreign files.

The command line and the API call it. Nothing is indexed before its bytes are in the store.
"""
