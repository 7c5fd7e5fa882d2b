"""An agent's program: started, started again, ended, forgotten."""
