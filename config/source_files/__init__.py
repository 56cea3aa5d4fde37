"""The files of sources: parsed into sources, written with their comments, and remembered in their last valid version.

`config/load.py` is their facade. They never change a file that a person has broken.
"""
