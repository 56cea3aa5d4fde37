"""The pages that change many sources at once: the selected ones, and lists of new ones.

Part of `pressmark.web`; it imports no other door.
"""
