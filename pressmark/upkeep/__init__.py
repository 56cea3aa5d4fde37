"""Work on a whole archive: audit, doctor, orphans, exports, imports, extraction.

The command line and the API start it.
"""
