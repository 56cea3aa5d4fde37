"""Notations in markup that plain text lacks: formulas, code blocks, raised and struck words.

The tree of a page uses it once, after parsing. It changes the text of that tree and never reads anything else.
"""
