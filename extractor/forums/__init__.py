"""Forum engines, one file each, and the readers for unknown engines.

`registry.FORUMS` lists them; the walk of a forum and the facade `extractor.reading` use it.
"""
