"""The rules of the mirror: how figures are made, and which of them may be shown."""
