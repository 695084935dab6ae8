"""Owners whose postings are kept in the warehouse: read anew for each round, so that a change of post needs no merge (R23)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from alertd.config.home import Home
from alertd.core.errors import WarehouseError
from alertd.core.owners import OWNER_OUTCOME
from alertd.core.postings import in_short, with_postings
from alertd.store.records import RuleOutcome
from alertd.warehouse import Warehouse


def posted(home: Home, warehouse: Warehouse, now: datetime) -> tuple[Home, Mapping[str, str]]:
    """The home with the postings of every owner that has `sql`; and by owner what was wrong, empty where nothing was.

    Where they cannot be read, nobody holds the posts: notices go to the fallback, and ops are told.
    """
    owners, troubles = dict(home.owners), {}
    for owner in home.owners.values():
        if owner.sql is None:
            continue
        try:
            owners[owner.id], wrong = with_postings(owner, warehouse.postings(owner, now))
            troubles[owner.id] = f"postings that cannot be used: {in_short(wrong)}" if wrong else ""
        except WarehouseError as error:
            troubles[owner.id] = str(error)
    return replace(home, owners=owners) if troubles else home, troubles


def outcomes_of(troubles: Mapping[str, str]) -> Iterator[RuleOutcome]:
    """What became of owners' postings, so that ops hear of a trouble once, and again when it comes back."""
    for owner, trouble in troubles.items():
        yield RuleOutcome(
            rule=f"{OWNER_OUTCOME}{owner}",
            measure="postings",
            status="error" if trouble else "ok",
            message=trouble and f"{trouble}; notices go to its fallback until then",
            series=0,
            exceptions=0,
            newest_period=None,
            data_version="",
            rule_version="",
        )
