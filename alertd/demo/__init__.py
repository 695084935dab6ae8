"""The demonstration: a simulated force with planted exceptions, one real data set, a mail sink, and months that pass."""
