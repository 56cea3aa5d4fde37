"""Files of other crawlers, made into WARCs as we keep them: each record is taken, or refused with a reason."""
