"""Citations of a snapshot, for every door: printed styles, records for reference managers, metadata of its pages.

A citation library writes the printed styles, by the CSL files in `csl/`. The room reads no archive: it gets the facts.
"""
