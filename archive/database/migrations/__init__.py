"""Alembic's environment and the revisions. Each is written by hand, and schema.py is changed with it."""
