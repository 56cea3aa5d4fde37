"""Immutable objects under slash-separated keys: a directory, an S3 bucket, memory."""
