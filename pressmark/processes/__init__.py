"""Processes and their parts put together: the service, its worker, the application of all doors.

The one room that knows every other; only the command line imports it.
"""
