"""Where rounds, cases, letters and the audit are kept: SQLAlchemy Core over SQLite or PostgreSQL."""

from alertd.store.store import Store, delivery_lock, open_store, peek_store, recorded_at

__all__ = ["Store", "delivery_lock", "open_store", "peek_store", "recorded_at"]
