"""How people reach it: command line, HTTP API, web pages."""

__version__ = "0.2.0"
"""The same as in `config`, which this does not import: its name may be that of a module of somebody else."""
