"""Builds the demonstration warehouse: every table drawn force by force, straight into DuckDB as Arrow."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from alertd.core.errors import UsageError
from alertd.demo.star import (
    attendance,
    events,
    facts_communities,
    facts_contact,
    facts_crime,
    facts_policing,
    facts_vulnerable,
    graded,
)
from alertd.demo.star.dimensions import dimensions
from alertd.demo.star.faults import ROUTINE, fault_statements
from alertd.demo.star.forces import Force, forces_of
from alertd.demo.star.grid import Draw
from alertd.demo.star.loads import SUMMARIES, load_statements
from alertd.demo.star.people import people
from alertd.demo.star.plan import by_table, planted_in, truth
from alertd.demo.star.schema import ALL, TABLES, create_statements

MEMORY = "1GB"
"""For DuckDB; figures are drawn beside it, a table of one force at a time."""
_FACTS = (
    *facts_policing.MAKERS,
    *facts_contact.MAKERS,
    *facts_crime.MAKERS,
    *facts_vulnerable.MAKERS,
    *facts_communities.MAKERS,
    events.events,
    *graded.MAKERS,
)
Step = Callable[[Any], None]
Watch = Callable[[list[tuple[str, Step]]], Iterator[tuple[str, Step]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a warehouse holds."""

    tables: int
    rows: int
    series: int
    """Different series over all tables of periods, views not counted."""
    planted: int


def steps(size: str, seed: int) -> list[tuple[str, Step]]:
    """Everything that a build does, in order: what it is, and the doing over a connection."""
    forces = forces_of(size)
    own = planted_in(forces[0])
    found: list[tuple[str, Step]] = [("tables", _create)]
    found += [
        ("places", partial(_fill, made=dimensions(forces, size, seed))),
        ("people", partial(_fill, made=people(forces))),
    ]
    for force in forces:
        draw = Draw(force=force, seed=seed, plants=by_table(planted_in(force)))
        found += [(f"{force.name}: {maker.__name__}", partial(_draw, maker=maker, draw=draw)) for maker in _FACTS]
        found.append((f"{force.name}: attendance", partial(_attendance, draw=draw)))
        found.append((f"{force.name}: plan_actions", partial(_actions, draw=draw)))
    found.append(("summaries", partial(_execute, statements=(*events.ADDED, *SUMMARIES))))
    found.append(("dirty rows", partial(_execute, statements=(*fault_statements(own), ROUTINE))))
    found.append(("load log", partial(_execute, statements=tuple(load_statements(own)))))
    found.append(("truth", partial(_truth, force=forces[0])))
    return found


def build(path: Path, size: str, seed: int, *, replace: bool, watch: Watch = iter) -> "Counted":
    """Write the warehouse to `path`; it stands there only when it is whole.

    Gives what it holds. `watch` passes the steps through, to show how far it is. Raises `UsageError` where the file is
    there already and `replace` is not given, or cannot be written.
    """
    import duckdb  # noqa: PLC0415 - heavy; `--help` must not wait for it

    _refuse(path, replace=replace)
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.absolute().parent}; make it first")
    new = path.with_name(f"{path.name}.new")
    try:
        with _alone(path), _gone_at_the_end(new, new.with_name(f"{new.name}.wal")):
            _refuse(path, replace=replace)  # what another process finished meanwhile stays
            with duckdb.connect(str(new)) as connection:
                # One thread: sums of fractions come in one order, so that a seed gives the same figures to the last digit.
                connection.execute(f"SET threads = 1; SET memory_limit = '{MEMORY}'; SET enable_progress_bar = false")
                for _, step in watch(steps(size, seed)):
                    connection.execute("BEGIN")  # one commit a step: a commit waits for the disk
                    step(connection)
                    connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
                counted = count(connection)
            os.replace(new, path)
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            return counted
    except (OSError, duckdb.Error) as error:  # a commit without room on the disk is no IOException
        raise UsageError(
            f"{path} cannot be written: {error}; name a file that you may write to, on a disk with room"
        ) from error


def _refuse(path: Path, *, replace: bool) -> None:
    """Raise `UsageError` where a path is not one to write to."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file, such as {path / 'warehouse.duckdb'}")
    if path.exists() and not replace:
        raise UsageError(f"{path} is there already; give --replace to write it anew, or name another file")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the one process that writes a file; raises `UsageError` where another does."""
    lock = path.with_name(f"{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who was the one before has removed the file that was opened here.
            free = lock.exists() and os.path.samestat(os.fstat(descriptor), lock.stat())
        except BlockingIOError:
            free = False
        if not free:
            raise UsageError(f"another process is writing {path}; wait until it has, or name another file")
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


@contextmanager
def _gone_at_the_end(*paths: Path) -> Iterator[None]:
    """Remove files, at first what a process that was killed left of them."""
    for path in paths:
        path.unlink(missing_ok=True)
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def count(connection: Any) -> Counted:
    """Count rows and series of a finished warehouse."""

    def one(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    series = 0
    for table in TABLES.values():
        if table.by:
            series += one(f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(table.by)} FROM {table.name})")
    rows = sum(one(f"SELECT count(*) FROM {name}") for name in TABLES)
    return Counted(tables=len(TABLES), rows=rows, series=series, planted=one("SELECT count(*) FROM truth"))


def _create(connection: Any) -> None:
    statements = [statement for table in ALL.values() for statement in create_statements(table)]
    _execute(connection, statements=tuple(statements))


def _execute(connection: Any, *, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)


def _fill(connection: Any, *, made: Iterator[tuple[str, Any]], then: tuple[str, ...] = ()) -> None:
    for name, rows in made:
        connection.register("incoming", rows)
        columns = ", ".join(f'"{one.name}"' for one in ALL[name].columns)
        connection.execute(f"INSERT INTO {name} SELECT {columns} FROM incoming")
        _execute(connection, statements=then)
        connection.unregister("incoming")


def _draw(connection: Any, *, maker: Callable[[Draw], Iterator[tuple[str, Any]]], draw: Draw) -> None:
    _fill(connection, made=maker(draw))


def _attendance(connection: Any, *, draw: Draw) -> None:
    _fill(connection, made=attendance.attendance(draw), then=attendance.ADDED)


def _actions(connection: Any, *, draw: Draw) -> None:
    plans = connection.execute("SELECT plan, quadrant_no FROM supporting_plans").fetchall()
    _fill(connection, made=graded.plan_actions(draw, plans))


def _truth(connection: Any, *, force: Force) -> None:
    _fill(connection, made=iter([("truth", truth(force))]))
