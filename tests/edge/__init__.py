"""Real servers and processes are killed, paused, wiped and restarted under load; then everything is counted."""
