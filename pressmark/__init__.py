"""How people reach it: command line, HTTP API, web pages."""

__version__ = "0.2.0"
