"""Archived pages rewritten for viewing, on an origin of their own.

It imports no other door.
"""
