"""Workers: which run each takes, the order that a crawl gets, and the hosts that each may visit.

The worker process of `pressmark/processes/` runs them; `crawler/` does what an order says.
"""
