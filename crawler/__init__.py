"""How pages are fetched: all of Scrapy, and the recording of every exchange."""
