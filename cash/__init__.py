"""What a paired machine may ask of its wallet."""
