"""Check the pages of a run: each is shown in a browser from the archive alone, and compared with its capture.

Only the command `pressmark qa` uses it. The results are read by `pressmark.views.review`.
"""
