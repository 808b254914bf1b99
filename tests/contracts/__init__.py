"""Golden examples of every event ever told: today's code reads them all, and writes the newest alike."""
