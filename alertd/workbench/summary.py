"""A back-test as rows: for each rule, month, leader, known event and notice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from alertd.core.cases import TransitionKind
from alertd.core.periods import Grain, Period, parse_period
from alertd.workbench.against import Against
from alertd.workbench.backtest import Backtest
from alertd.workbench.replaying import Replayed
from alertd.workbench.told import Told

Row = dict[str, Any]


def rule_rows(found: Backtest) -> list[Row]:
    """What each rule would have told, beside what is to be expected of it when nothing is wrong."""
    return [_rule_row(found, one) for one in found.replayed]


def _rule_row(found: Backtest, one: Replayed) -> Row:
    kinds = Counter(told.kind for told in one.told)
    expected, years = found.expected.get(one.name), years_of(one)
    return {
        "rule": one.name,
        "measure": one.measure.id,
        "status": one.rule.status,
        "series": len(one.history.keys),
        "periods": one.history.periods,
        "exceptions": exceptions(one.told),
        "series_told": len({told.key for told in one.told}),
        "notices": len(one.told),
        "notices_a_year": len(one.told) / years if years else None,
        "letters": letters(one.told),
        "by_kind": {kind.value: kinds[kind] for kind in TransitionKind if kinds[kind]},
        "expected_false": None if expected is None else expected.exceptions,
        "expected_false_error": None if expected is None else expected.error,
        "false_share": None if expected is None else expected.share,
        "as_known_then": one.revised,
    }


def years_of(one: Replayed) -> float:
    """How many years a rule was watched."""
    return max(0.0, (one.end - one.start).total_seconds()) / (365.25 * 86_400)


def exceptions(told: Iterable[Told]) -> int:
    """How many exceptions were opened: one told to two people is one."""
    return len({(one.rule, one.key, one.judged_at) for one in told if one.kind is TransitionKind.OPENED})


def letters(told: Iterable[Told]) -> int:
    """How many letters some notices would have made: all that one person is due at once is one."""
    return len({one.letter for one in told})


def month_of(moment: datetime) -> str:
    """The local month of a moment, such as `2022-10`."""
    return str(Period.containing(moment.replace(tzinfo=None), Grain.MONTH))


def month_rows(found: Backtest) -> list[Row]:
    """What would have left in each month, from the first to the last with a notice, those without one among them."""
    by_month: dict[str, list[Told]] = defaultdict(list)
    for one in found.told:
        by_month[month_of(one.due_at)].append(one)
    if not by_month:
        return []
    first, last = parse_period(min(by_month)), parse_period(max(by_month))
    rows = []
    for slot in range(first.slot, last.slot + 1):
        month = str(Period(Grain.MONTH, slot))
        told = by_month.get(month, [])
        by_rule = Counter(one.rule for one in told)
        rows.append(
            {
                "month": month,
                "notices": len(told),
                "exceptions": exceptions(told),
                "letters": letters(told),
                "leaders": len({one.recipient.email.casefold() for one in told}),
                "by_rule": {one.rule.id: by_rule[one.rule.id] for one in found.replayed},
            }
        )
    return rows


def leader_rows(found: Backtest) -> list[Row]:
    """What each recipient would have been sent, those who would have had most first."""
    by_address: dict[str, list[Told]] = defaultdict(list)
    for one in found.told:
        by_address[one.recipient.email.casefold()].append(one)
    years = max((years_of(one) for one in found.replayed), default=0.0)
    rows = []
    for told in by_address.values():
        busiest, most = Counter(month_of(one.due_at) for one in told).most_common(1)[0]
        rows.append(
            {
                "leader": told[-1].recipient.name,
                "email": told[-1].recipient.email,
                "owner": told[-1].owner,
                "notices": len(told),
                "exceptions": exceptions(told),
                "letters": letters(told),
                "notices_a_quarter": len(told) / years / 4 if years else None,
                "busiest_month": busiest,
                "in_busiest_month": most,
                "by_rule": dict(Counter(one.rule for one in told).most_common()),
            }
        )
    return sorted(rows, key=lambda row: (-row["notices"], row["email"]))


def event_rows(found: Backtest) -> list[Row]:
    """How each rule took each known event on its measures."""
    return [
        {
            "event": one.event.id,
            "from": str(one.event.from_),
            "reason": one.event.reason,
            "rule": one.rule,
            "series": one.series,
            "found": one.found,
            "after_periods": one.after,
        }
        for one in found.events
    ]


def change_rows(found: Against) -> tuple[list[Row], list[Row]]:
    """What a change does: each rule that it touches, and each recipient who would hear more or less."""
    said = [(word, names) for word in ("added", "changed", "withdrawn") for names in (getattr(found, word),)]
    rules = []
    for name in sorted({one.rule.id for half in (found.before, found.after) for one in half.replayed}):
        gained = sum(one.rule == name for one in found.gained)
        lost = sum(one.rule == name for one in found.lost)
        moved = sum(one.rule == name for _, one in found.moved)
        otherwise = "told otherwise" if gained or lost or moved else None
        change = next((word for word, names in said if name in names), otherwise)
        if change is None:
            continue
        (before, false_before), (after, false_after) = _of_rule(found.before, name), _of_rule(found.after, name)
        rules.append(
            {
                "rule": name,
                "change": change,
                "before": before,
                "after": after,
                "gained": gained,
                "lost": lost,
                "moved": moved,
                "false_before": false_before,
                "false_after": false_after,
            }
        )
    counts: dict[str, Row] = {}
    for column, told in (
        ("before", found.before.told),
        ("after", found.after.told),
        ("gained", found.gained),
        ("lost", found.lost),
        ("moved", [one for _, one in found.moved]),
    ):
        for one in told:
            empty = {"leader": "", "email": "", "before": 0, "after": 0, "gained": 0, "lost": 0, "moved": 0}
            row = counts.setdefault(one.recipient.email.casefold(), empty)
            row.update(leader=one.recipient.name, email=one.recipient.email)
            row[column] += 1
    leaders = [row for row in counts.values() if row["gained"] or row["lost"] or row["moved"]]
    return rules, sorted(leaders, key=lambda row: (-row["gained"] - row["lost"], -row["moved"], row["email"]))


def _of_rule(half: Backtest, rule: str) -> tuple[int | None, float | None]:
    """How many notices a rule sends at all its levels, and how many of its exceptions are to be expected anyway."""
    replayed = [one for one in half.replayed if one.rule.id == rule]
    expected = [half.expected[one.name].exceptions for one in replayed if one.name in half.expected]
    return sum(len(one.told) for one in replayed) if replayed else None, sum(expected) if expected else None


def notice_words(told: Iterable[Told]) -> Iterator[Row]:
    """Every notice as people read it, and may pass it on: without figures of too few people."""
    notices = list(told)
    for one, row in zip(notices, notice_rows(notices), strict=True):
        yield {**row, "value": "too small to show"} if one.hidden else row


def with_before(rows: Iterable[Row], moved: Iterable[tuple[Told, Told]]) -> Iterator[Row]:
    """The rows of notices as they are, each with when and by which channel it left as it was."""
    for row, (before, _) in zip(rows, moved, strict=True):
        was = {"due_before": before.due_at.isoformat(timespec="minutes"), "channel_before": before.channel}
        yield row | was


def notice_rows(told: Iterable[Told]) -> Iterator[Row]:
    """Every notice, as it would have left."""
    for one in told:
        yield {
            "due": one.due_at.isoformat(timespec="minutes"),
            "judged": one.judged_at.isoformat(timespec="minutes"),
            "rule": one.rule,
            "measure": one.measure,
            "series": one.series,
            "period": str(one.period),
            "transition": one.kind.value,
            "reason": one.reason.value,
            "direction": one.direction.value,
            "state": one.state.value,
            "signals": list(one.signals),
            "value": one.value,
            "centre": one.centre,
            "lower": one.lower,
            "upper": one.upper,
            "owner": one.owner,
            "recipient": one.recipient.name,
            "email": one.recipient.email,
            "via": one.recipient.via.value,
            "channel": one.channel,
        }
