"""What is shown to a person who stays: the group chat and the dashboard; each is imported by its command alone."""
