"""How people reach it: command line, HTTP API, web pages."""

__version__ = "0.1.0"
