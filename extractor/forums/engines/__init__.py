"""One forum engine per file. `extractor.forums.registry` lists them.

An engine has its selectors and its peculiarities; shared code is in `extractor.forums`.
"""
