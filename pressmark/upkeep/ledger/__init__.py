"""The ledger in the store, as a service keeps it: saved, restored, and the parts that a person gave up."""
