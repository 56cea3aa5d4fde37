"""Video and audio of pages: yt-dlp finds them in a child process without a network, and the worker fetches.

`crawler.engine.media` uses it. Nothing here is imported for a source that keeps no media.
"""
