"""A page as a tree that is safe to read: taming of hostile markup, queries, class words, regions.

All readers of HTML stand on it. It decides nothing about what a page says.
"""
