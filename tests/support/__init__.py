"""What the tests share: the scripted Messages API, a fleet of one's own, a person's keyboard."""
