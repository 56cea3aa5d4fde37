"""One forum engine a file. `extractor.forums.registry` lists them.

An engine states its selectors and what is odd about it; what engines share is in `extractor.forums`.
"""
