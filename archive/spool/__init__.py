"""Write WARCs on local disk: group commit, sealing, recovery after a crash.

Crawls write to the spool through the recorder; `shipping` empties it. It never uses a store or the index.
"""
