"""The archive: WARC files, their index and their store. It works without the crawler."""
