"""The text of an article: blocks of a page, the model that chooses among them, and Markdown.

Only the facade `extractor.reading` and the forums ask it.
"""
