"""One program for each engine: it makes the tables, enqueues, works, and counts what is left.

Each runs in the environment of its engine, so it imports only that engine and `effects`.
"""
