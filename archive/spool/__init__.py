"""WARCs being written on local disk: group commit, sealing, recovery after a crash.

Crawls write to it through the recorder, `shipping` empties it. It never talks to a store or to the index.
"""
