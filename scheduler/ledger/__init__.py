"""The ledger: who requested each run, who crawls it, how it ended, and what follows for its source.

Entry points read it and request runs; workers write in it under an epoch. It never fetches.
"""
