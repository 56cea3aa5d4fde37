"""Full-text search and near-duplicates over the texts: tokens, queries, snippets, sketches.

`texts` writes the data that it searches.
"""
