"""Read and validate what the operator configures: settings and sources."""
