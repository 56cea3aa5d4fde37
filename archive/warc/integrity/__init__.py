"""Proofs that what is kept is what was written: WARC verification, Merkle roots, the chain and the signatures of
manifests.

Any room above may ask it; it decides on bytes it is given and repairs nothing.
"""
