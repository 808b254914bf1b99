"""The rules of the door: codes that survive a telephone call, what a petition may say, what its citizen is told."""
