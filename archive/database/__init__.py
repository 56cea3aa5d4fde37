"""Engine, schema, migrations, and what all statements share, for SQLite and PostgreSQL.

The rooms above keep the SQL of their own tables. It holds no rows that the store could not restore, but for runs.
"""
