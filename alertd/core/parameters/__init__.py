"""What analysts write for each detector: its parameters, with their units, defaults and what cannot be."""
