"""Files of other crawlers, converted to WARCs as we write them: each record is taken, or refused with its reason."""
