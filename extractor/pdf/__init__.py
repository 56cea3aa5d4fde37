"""PDF documents: their text and what they say of themselves.

Only the facade `extractor.reading` asks it.
"""
