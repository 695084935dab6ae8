"""alertd: rules-driven exception alerting for performance measures."""


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for: reading package metadata would slow every command down."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - see above

    try:
        return version("alertd")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+unknown"
