"""What a run found, for people who review it: suspicious, failed, missing, changed and new pages, the worst first.

Every door uses it. It decides nothing about crawls.
"""
