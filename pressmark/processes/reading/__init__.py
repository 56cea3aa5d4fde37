"""The process that reads the texts of segments in the store: the role `read`.

Any number of them share the work, on any machine: see `archive.texts.reading_jobs`. None of them uses a spool.
"""
