"""How lists look on the pages: as a table or as cards with pictures, with wide rows or narrow ones.

Part of `pressmark.web`; it imports no other door.
"""
