"""The index of captures: what is kept of which URL, at which time and in which segment.

Every room above asks it. It holds no bytes of pages: it can be rebuilt from the store.
"""
