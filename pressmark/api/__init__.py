"""The HTTP API: JSON over the views, problem details for errors.

It imports no other door.
"""
