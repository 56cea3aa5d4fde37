"""Engine, schema, migrations and shared helpers for statements, for SQLite and PostgreSQL.

The rooms above have the SQL of their own tables. Except for runs, the store can restore all rows.
"""
