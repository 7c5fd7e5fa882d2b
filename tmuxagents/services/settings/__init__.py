"""Where settings are, who consented to them, which count here, and how they are changed."""
