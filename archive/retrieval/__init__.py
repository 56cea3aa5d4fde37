"""Captures brought back: snapshots, threads, articles over several pages.

The doors ask it. It reads from the store and the spool and writes nothing.
"""
