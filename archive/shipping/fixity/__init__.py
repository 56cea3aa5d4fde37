"""Fixity: the objects of the stores are read again by and by, repaired from healthy copies, and copied to replicas.

What a check means for captures is decided in `archive.index.damage` alone.
"""
