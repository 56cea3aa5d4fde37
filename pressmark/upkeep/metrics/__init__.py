"""The metrics of a service in Prometheus' text format."""
