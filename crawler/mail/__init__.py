"""Mailboxes as sources: their messages are read over IMAP, and recorded as the server gives them.

`crawler.process` starts these runs. Nothing on the server changes but what the source says in `mark`.
"""
