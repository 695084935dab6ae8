"""Who types a command, for the audit."""


def current_user() -> str:
    """The name of the user whom this process runs as, or else their number."""
    import getpass  # noqa: PLC0415  only what people do by hand needs a name
    import os  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user id without a name
        return f"user {os.getuid()}"
