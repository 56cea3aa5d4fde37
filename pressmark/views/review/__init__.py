"""What a run found, for people who review it: suspicious, failed, missing, changed and new pages, the worst first; and
what they say of it.

Every door uses it. It decides nothing about crawls: who marks a page to be archived again requests a run.
"""
