"""Read PDF documents: their text and metadata.

Only the facade `extractor.reading` uses it.
"""
