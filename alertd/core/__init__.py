"""The pure core: what a measure, a rule, a verdict, a case and a notice are, and how one becomes the next.

Nothing in here reads a clock, a file, a database or the environment; `now` is always an argument.
"""
