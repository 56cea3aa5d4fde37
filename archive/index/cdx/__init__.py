"""Queries in the manner of CDX servers: which captures, in which order, how many."""
