"""The URLs of a run on disk, exact after kill -9: what waits, what is in flight, what was had.

The engine and the walks use it. It never fetches.
"""
