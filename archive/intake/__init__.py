"""WARCs taken in as a whole: our own on a rebuild, and files that others made.

The command line and the API call it. Nothing is indexed before its bytes are in the store.
"""
