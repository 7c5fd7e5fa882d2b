"""Programs that take the whole terminal; each is imported by its command alone."""
