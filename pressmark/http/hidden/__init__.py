"""What answers in the place of captures that are archived and not shown to everybody.

The doors install it as middleware around their routes. It reads nothing from the archive: which rows are hidden is
decided by `archive.database.closed_collections`.
"""
