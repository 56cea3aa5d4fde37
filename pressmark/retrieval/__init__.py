"""How programs of the field get at what is kept: CDX questions in two dialects, mementos, WARC files by range.

Plain ASGI without a framework: these are the routes that are asked thousands of times a minute.
"""
