"""Scrapy spiders of the user's own, as sources: their code runs in a child, what they ask for the worker fetches."""
