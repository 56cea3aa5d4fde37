"""Social networks, read as forums: a post is a thread, and the list of an account's posts is its board.

The registry of engines holds one value for each network. Other rooms need only what is JSON (`json_pages`), and whether
an interface says that a post is gone.
"""
