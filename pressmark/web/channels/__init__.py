"""The pages in which administrators set up the channels of notifications."""
