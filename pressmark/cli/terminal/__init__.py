"""What a command writes on a terminal: tables, messages, progress and the log, in the language of the locale.

It imports no command and no service.
"""
