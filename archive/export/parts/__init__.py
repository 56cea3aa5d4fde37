"""Exports that several processes make: a plan in parts, a file for each, and a manifest, all of them in the store."""
