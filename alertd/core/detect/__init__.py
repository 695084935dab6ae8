"""Detectors: a block of series and a rule's parameters become centre lines, limits and signals, as whole arrays."""
