"""Queries like those of CDX servers: which captures, in which order, how many."""
