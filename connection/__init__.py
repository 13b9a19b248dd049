"""The bunker in force, and the relays that may be used."""
