"""How fast alertd is, against the named thing beside it, in one run: `python -m benchmarks` (see docs/performance.md)."""
