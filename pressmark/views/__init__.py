"""What every door shows the same way: captures, runs, differences, feeds, threads, as values and JSON shapes.

It knows nothing of HTTP, HTML or the terminal.
"""
