"""Questions about captures in the manner of CDX servers: which rows, in which order, how many of them."""
