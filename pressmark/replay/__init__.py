"""Archived pages rewritten so that they can be looked at, on an origin of their own.

It imports no other door.
"""
