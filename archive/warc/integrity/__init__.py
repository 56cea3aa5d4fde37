"""Verify that stored data is what was written: WARC verification, Merkle roots, chains and signatures of manifests.

Any room above may use it. It checks given bytes and repairs nothing.
"""
