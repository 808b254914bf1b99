"""Journeys across services: a petition from the form to the notice, the log and back."""
