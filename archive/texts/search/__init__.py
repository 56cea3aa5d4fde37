"""Full-text search and near-duplicates over the texts: tokens, queries, snippets, sketches.

`texts` writes what it searches; the doors ask it.
"""
