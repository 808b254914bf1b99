"""Where notices leave the house: the only files with sockets to relays and gateways."""
