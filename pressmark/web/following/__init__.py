"""The pages in which readers say what they want to be told of: their feed address, and watches.

Part of `pressmark.web`; it imports no other door.
"""
