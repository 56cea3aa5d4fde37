"""What the operator decided: settings and sources, read at the door."""
