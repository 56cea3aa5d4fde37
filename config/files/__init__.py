"""YAML files: read with the line of every value, written atomically, and their mistakes explained.

What the values mean is decided in `config/source.py`, `config/settings.py` and the rooms; nothing here knows a key.
"""
