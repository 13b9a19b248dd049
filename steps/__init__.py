"""The steps of a pairing's life."""
