"""Extract the text of an article: the blocks of a page, the model that selects blocks, and Markdown.

Only the facade `extractor.reading` and `forums` use it.
"""
