"""HTTP/1.1 on the wire, recorded byte by byte: connections, proxies, the guard of addresses.

Scrapy's engine downloads through it. It knows nothing of runs or walks.
"""
