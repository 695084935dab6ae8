"""alertd: rules-driven exception alerting for performance measures."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("alertd")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
