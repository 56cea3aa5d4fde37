"""Work over the whole store in jobs: audits, rebuilds and exports, as services with the role `read` do them.

`scheduler.ledger.batches` has their rows. Here is what each job does. No job needs a spool, so any machine can do it.
"""
