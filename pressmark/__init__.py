"""How people reach it: command line, HTTP API, web pages."""

from config import __version__ as __version__
