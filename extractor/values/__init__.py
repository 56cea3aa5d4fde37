"""Plain values of a page, and readers of small things: texts, threads, URLs, encodings, dates, languages.

Any room may import it; it imports no other room.
"""
