"""What a night can do to a fleet, on real processes."""
