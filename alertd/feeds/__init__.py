"""Public feeds, read into a warehouse of counts that a home's rules can judge."""
