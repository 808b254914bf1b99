"""The plumbing of all services: events, bus, outbox and inbox, database, clock, web kit. It knows no service."""
