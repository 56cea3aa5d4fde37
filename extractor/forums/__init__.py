"""Forum engines, one file each, and the readers of forums that nobody knows.

`registry.FORUMS` lists them; the walk of a forum and the facade `extractor.reading` ask it.
"""
