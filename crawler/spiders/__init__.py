"""The kinds of walk, one a file."""
