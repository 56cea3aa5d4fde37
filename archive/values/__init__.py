"""Values and small tools that every room of the archive shares: captures, digests, times, URL keys, errors.

Any room may import it; it imports no other room.
"""
