"""One process delivers at a time: a locked file beside a SQLite database, a lease in a PostgreSQL one.

Taking over begins a new epoch, which voids the claims of every older one. A stopped or cut-off holder cannot keep a
lease; a dead one cannot keep a locked file. Advisory locks of PostgreSQL can do the former, so they are not used.
"""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Engine, func, literal, select, update

from alertd.core.errors import LockedError, StateError
from alertd.store import outbox
from alertd.store.engine import reading, writing
from alertd.store.tables import leadership

LEASE = timedelta(seconds=6)
RENEWAL = timedelta(seconds=2)
_LOOK_AGAIN = 0.25


@contextmanager
def delivery_lock(engine: Engine, *, wait: bool = True) -> Iterator[int]:
    """Be the one process that delivers; gives the epoch. Raises `LockedError` where another live process is.

    On PostgreSQL a lease of a dead holder lasts up to 6 s more; with `wait`, that is waited out, and a live holder is told
    from a dead one by its renewals. Without `wait` (a standby that asks again anyway), one look decides.
    """
    if engine.dialect.name == "sqlite":
        with _file_lock(Path(f"{engine.url.database}.delivering")):
            yield _begin_epoch(engine, _me())
    else:
        epoch = _take_lease(engine, _me(), wait=wait)
        with _renewing(engine, epoch):
            yield epoch


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StateError(
            f"{path}: the delivery lock cannot be opened ({error.strerror}); its folder must be writable"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            raise LockedError(
                f"{holder} is delivering from this state database (lock: {path}); stop it, or let it work"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{_me()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)  # the file stays: removing it would let two processes lock two files of one name


def _begin_epoch(engine: Engine, holder: str) -> int:
    with writing(engine) as connection:
        connection.execute(update(leadership).values({"epoch": leadership.c.epoch + 1, "holder": holder}))
        return _void_older(connection)


def _void_older(connection: Connection) -> int:
    epoch: int = connection.execute(select(leadership.c.epoch)).scalar_one()
    outbox.void(connection, datetime.now(UTC), before=epoch)
    return epoch


def _take_lease(engine: Engine, holder: str, *, wait: bool) -> int:
    first_seen: datetime | None = None
    while True:
        with writing(engine) as connection:
            free = leadership.c.holder.is_(None) | (leadership.c.expires_at < _database_now())
            taken = connection.execute(
                update(leadership)
                .where(free)
                .values(
                    {"epoch": leadership.c.epoch + 1, "holder": holder, "expires_at": _database_now() + literal(LEASE)}
                )
            )
            if taken.rowcount:
                return _void_older(connection)
        with reading(engine) as connection:
            other, until = connection.execute(select(leadership.c.holder, leadership.c.expires_at)).one()
        if other is None:
            continue
        first_seen = first_seen or until
        if not wait or until > first_seen:
            raise LockedError(f"{other} is delivering from this state database; stop it, or let it work")
        time.sleep(_LOOK_AGAIN)


@contextmanager
def _renewing(engine: Engine, epoch: int) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(engine, epoch, stop.wait), name="alertd-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        _give_back(engine, epoch)


def _renew(engine: Engine, epoch: int, wait: Callable[[float], bool]) -> None:
    while not wait(RENEWAL.total_seconds()):
        try:
            with writing(engine) as connection:
                renewed = connection.execute(
                    update(leadership)
                    .where(leadership.c.epoch == epoch)
                    .values({"expires_at": _database_now() + literal(LEASE)})
                )
        except StateError:
            continue  # the next renewal may get through; if none does, the lease ends and the next claim says so
        if not renewed.rowcount:
            return


def _give_back(engine: Engine, epoch: int) -> None:
    try:
        with writing(engine) as connection:
            connection.execute(
                update(leadership).where(leadership.c.epoch == epoch).values({"holder": None, "expires_at": None})
            )
    except StateError:
        return  # a lease that cannot be given back runs out by itself


def _database_now() -> ColumnElement[datetime]:
    return func.clock_timestamp()


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
