"""The stage of replay: origins of their own for archived pages, scenes, grants and seals.

It decides under which address an archived page may be shown, and to whom.
"""
