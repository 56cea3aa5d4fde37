"""Read and validate what the operator configures: settings and sources."""

__version__ = "0.2.0"
"""The version of Pressmark: every package below may name it, with or without metadata of an installation."""
