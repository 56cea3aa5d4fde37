"""The index of captures: URL, time and segment of each.

Every room above uses it. It holds no bytes of pages, and can be rebuilt from the store.
"""
