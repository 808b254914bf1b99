"""The rules of telling: who hears what, in which words, when, how often it is tried, and how it ends."""
