"""What is kept and found: WARCs, their index, their store. Works with no crawler near it."""
