"""An operator's machines, one or many."""
