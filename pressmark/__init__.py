"""How people reach it: command line, HTTP API, web pages."""
