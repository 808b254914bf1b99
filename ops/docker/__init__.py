"""Tools that run once, before the containers of the services."""
