"""Social networks, read as forums: a post is a thread, and the list of an account's posts is its board.

`registry` holds one value for each network. Only `json_pages`, which tells what is JSON, is for other rooms.
"""
