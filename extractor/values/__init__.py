"""Values of a page, and small parsers: texts, threads, URLs, encodings, dates, languages.

Any room may import it; it imports no other room.
"""
