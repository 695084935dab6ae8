"""Every error that alertd raises on purpose, as one tree.

    AlertdError            exit 1 unless a branch says otherwise
    ├── UsageError         2  a command was used wrongly, or the home cannot be read
    │   └── ConfigError    2  one or more problems in the home's files (`check` turns it into 1)
    ├── WarehouseError     3  the warehouse cannot be reached; 1 where it answers and a query failed
    ├── StateError         4  the state database cannot be used
    │   └── LockedError    4  another live process is delivering
    └── DeliveryError      5  a channel is set up in a way that can never deliver

A message says the place, what is wrong, what was found, and what to write instead.
"""

UNREACHABLE = 3
"""Exit code for a warehouse that cannot be reached."""


class AlertdError(Exception):
    """Something that the user can be told in one message, without a traceback."""

    exit_code = 1


class UsageError(AlertdError):
    """A command was used wrongly, or the home cannot be read."""

    exit_code = 2


class WarehouseError(AlertdError):
    """The warehouse gave no answer that may be judged; the rules that wanted it are not judged this round."""

    def __init__(self, message: str, *, reachable: bool = True) -> None:
        super().__init__(message)
        self.reachable = reachable
        """True where the warehouse answers and only this query failed."""
        self.exit_code = 1 if reachable else UNREACHABLE


class StateError(AlertdError):
    """The state database cannot be used, so nothing may be sent."""

    exit_code = 4


class LockedError(StateError):
    """Another live process is delivering from the same state database."""


class DeliveryError(AlertdError):
    """A channel is set up in a way that can never deliver."""

    exit_code = 5
