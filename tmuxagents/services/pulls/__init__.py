"""Pull requests of agents' branches: opened on request, watched beside everything."""
