"""What one run knows and does below its walk: its requests, its verdicts, what is known of pages, its log.

The walks and the engine use it. It chooses no links and starts nothing.
"""
