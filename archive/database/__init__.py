"""The rows: an index over what the WARCs hold, and the ledger of runs."""
