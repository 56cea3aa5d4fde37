"""How people reach it: command line, HTTP API, web pages."""

__version__ = "0.2.0"
"""The same as in `config`, which is not imported here: a module in the working directory may have this name."""
