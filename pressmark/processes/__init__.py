"""Processes and their parts put together: the service, its worker, the application of all doors.

It is the one room that imports every other; only the command line imports it.
"""
