"""The warehouse: measures read as blocks of series, from every database that SQLAlchemy knows; it is never written to."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from alertd.warehouse.reading import Warehouse

__all__ = ["Warehouse", "open_warehouse"]


def open_warehouse(
    url: str, *, root: Path, timeout: timedelta, max_rows: int, zone: ZoneInfo | None = None
) -> "Warehouse":
    """The warehouse at a SQLAlchemy URL, with relative file paths from `root`; connects at the first question.

    Its SQL runs in `zone`; None stands for UTC.

    Raises `WarehouseError` (not reachable) where the URL or its driver cannot be used at all.
    """
    from alertd.warehouse.reading import Warehouse  # noqa: PLC0415  SQLAlchemy and Arrow are slow to import

    return Warehouse.at(url, root=root, timeout=timeout, max_rows=max_rows, zone=zone or ZoneInfo("UTC"))


def __getattr__(name: str) -> Any:
    """`Warehouse` itself, imported when first asked for: a check of SQL alone needs no database library."""
    if name == "Warehouse":
        from alertd.warehouse.reading import Warehouse  # noqa: PLC0415

        return Warehouse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
