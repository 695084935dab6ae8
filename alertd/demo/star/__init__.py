"""The demonstration warehouse: a star schema over six simulated years of a police force, and what was planted in it."""

SIZES = ("small", "county", "national")
"""How large a warehouse may be."""
SEED = 12
"""The seed where none is given."""
