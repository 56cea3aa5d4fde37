"""Compare two captures of a page: text, facts, header fields, posts. Pure functions."""
