"""Check the pages of a run: each is shown in a browser from the archive alone, and compared with its capture.

The command `pressmark qa` and a thread of the worker use it. The results, and the checks that people request, are read
by `pressmark.views.review`.
"""
