"""Convert files of other crawlers to our WARCs: each record is accepted, or refused with a reason."""
