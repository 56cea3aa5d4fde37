"""Texts of captures: read in a child process, kept in versions, shown as Markdown.

`shipping` and `intake` have texts read, `retrieval` brings them back. It never fetches a page.
"""
