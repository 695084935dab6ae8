"""Metrics and health over HTTP, on the loopback interface only."""
