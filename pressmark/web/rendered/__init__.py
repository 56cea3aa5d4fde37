"""The pages about what a browser made of archived pages: pictures, what pages requested, and checks by replay.

`pressmark.web.routes` and `pressmark.web.snapshots` use it. It starts no browser.
"""
