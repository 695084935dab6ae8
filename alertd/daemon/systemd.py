"""The service manager's notification protocol: sd_notify(3), as one datagram."""

import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd a state such as `READY=1`; False where no systemd listens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect("\0" + address[1:] if address.startswith("@") else address)
        sender.sendall(state.encode())
    return True


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd wants to hear from this process; None where it does not watch."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()) or "WATCHDOG_USEC" not in environ:
        return None
    return int(environ["WATCHDOG_USEC"]) / 1_000_000
