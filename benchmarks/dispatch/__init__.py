"""Engines that hand jobs to workers, under one test of faults on PostgreSQL."""
