"""Captures of whole months as sorted index lines in the store, and lookups over them and the rows of the database.

The database has no rows of such a month's segments. `archive.export.months` writes the files.
"""
