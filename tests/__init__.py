"""The tests mirror the rooms; contracts, journeys, edge, browser and architecture stand beside them."""
