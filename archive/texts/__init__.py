"""Texts of captures: extracted in a child process, stored in versions, shown as Markdown.

`shipping` and `intake` extract texts, `retrieval` returns them. It never fetches a page.
"""
