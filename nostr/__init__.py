"""Keys, events and relays of Nostr. Knows no bunker, no HTTP, no database, no LNbits."""
