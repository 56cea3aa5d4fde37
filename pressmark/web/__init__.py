"""The web pages: HTML that works without JavaScript.

It imports no other door.
"""
