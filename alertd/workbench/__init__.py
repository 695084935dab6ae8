"""What analysts try rules with, before anybody is told: history replayed, noise expected, changes compared."""
