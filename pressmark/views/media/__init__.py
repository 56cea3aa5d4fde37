"""The video and audio of an archived page: what the record beside it lists, and the bytes of each file."""
