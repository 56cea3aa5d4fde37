"""What the machines of one database read from each other's spools."""
