"""Retrieve captures: snapshots, threads, articles of several pages.

It reads from the store and the spool, and writes nothing but damage marks.
"""
