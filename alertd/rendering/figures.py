"""Figures with their units, rounded as people say them, and never so far that two that differ look the same."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from alertd.rendering.clean import clean

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_WIDE = Context(prec=60)
_MONEY = {"pounds": "£", "gbp": "£", "£": "£", "euros": "€", "eur": "€", "€": "€"}


def known(value: float | None) -> float | None:
    """The figure, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one measure's figures are written: the unit, and how many decimals tell them apart."""

    unit: str
    decimals: int

    def say(self, value: float) -> str:
        """One figure with its unit: `73.8%`, `12.4 minutes`, `£1,200`."""
        return with_unit(number(value, self.decimals), self.unit)

    def say_inward(self, value: float, *, upwards: bool) -> str:
        """A limit rounded towards the figures that lie inside it, so that the rounded figure lies inside as well."""
        rounding = ROUND_CEILING if upwards else ROUND_FLOOR
        return with_unit(number(value, self.decimals, rounding), self.unit)

    def span(self, low: float, high: float) -> str:
        """Two figures with their unit, said once where it is a word: `80.9% to 99.5%`, `10 to 12 minutes`."""
        first = with_unit(number(low, self.decimals), self.unit) if _close(self.unit) else number(low, self.decimals)
        return f"{first} to {self.say(high)}"

    def span_inward(self, low: float, high: float) -> str:
        """Two limits rounded towards the figures between them, with their unit as in `span`."""
        least = number(low, self.decimals, ROUND_CEILING)
        first = with_unit(least, self.unit) if _close(self.unit) else least
        return f"{first} to {self.say_inward(high, upwards=False)}"


def style_for(unit: str | None, *, counted: bool, main: float | None, beside: Iterable[float | None] = ()) -> Style:
    """Choose decimals for `main` and the figures `beside` it: as few as people use, more where two would look the same."""
    others = [value for value in map(known, beside) if value is not None]
    figures = [*others, *([main] if main is not None else [])]
    least = _usual_decimals(unit, counted, figures)
    decimals = least
    while main is not None and decimals < least + 6 and any(_alike(main, other, decimals) for other in others):
        decimals += 1
    return Style(unit=clean(unit or "", 30), decimals=decimals)


def authored(value: float, unit: str | None) -> str:
    """A figure as its author wrote it, with the unit: `85%`, `2.5 minutes`."""
    text = f"{value:,.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:.6g}"
    return with_unit(text, clean(unit or "", 30))


def authored_span(low: float, high: float, unit: str | None) -> str:
    """Two figures as their author wrote them, with the unit said once where it is a word: `5 to 15 minutes`."""
    return f"{authored(low, unit if _close(unit or '') else None)} to {authored(high, unit)}"


def exact(value: float, unit: str | None) -> str:
    """A figure for the small print, in ten significant digits."""
    return with_unit(f"{value:.10g}", clean(unit or "", 30))


def number(value: float, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """A figure with thousands separated; a decimal part of nothing but zeros is left out.

    It is rounded as people do it, from the digits that are written: 15.95 is 16.0, whatever its binary fraction is.
    """
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    text = f"{_rounded(value, decimals, rounding):,f}"
    if "." in text and not text.partition(".")[2].strip("0"):
        text = text.partition(".")[0]
    return "0" if text == "-0" else text


def whole(value: float) -> str:
    """A count: whole where it is whole."""
    return number(value, 0 if value == math.floor(value) or abs(value) >= 1000 else 2)


def with_unit(text: str, unit: str) -> str:
    """Join a written figure and its unit."""
    if unit.casefold() in ("percent", "%", "per cent"):
        return f"{text}%"
    if unit.casefold() in _MONEY:
        sign, amount = ("-", text[1:]) if text.startswith("-") else ("", text)
        return f"{sign}{_MONEY[unit.casefold()]}{amount}"
    if text == "1" and " " not in unit:
        unit = _singular(unit)
    return f"{text} {unit}".rstrip()


def is_percent(unit: str | None) -> bool:
    """Whether figures run from 0 to 100 with a percent sign."""
    return (unit or "").casefold() in ("percent", "%", "per cent")


def count_word(count: int) -> str:
    """Small counts in words: `nine`, `12`."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def ordinal(place: int) -> str:
    """`third`, `12th`, `21st`."""
    if 0 < place < len(_ORDINALS):
        return _ORDINALS[place]
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _usual_decimals(unit: str | None, counted: bool, figures: list[float]) -> int:
    if counted:
        return 0
    if is_percent(unit):
        return 1
    largest = max((abs(value) for value in figures), default=0.0)
    if largest >= 100 or largest == 0:
        return 0
    if largest >= 1:
        return 1 if largest >= 10 else 2
    return min(8, 1 - math.floor(math.log10(max(largest, 1e-9))))


def _alike(one: float, other: float, decimals: int) -> bool:
    if abs(one) >= 1e15 or abs(other) >= 1e15:
        return False
    return one != other and _rounded(one, decimals) == _rounded(other, decimals)


def _rounded(value: float, decimals: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding, _WIDE)


def _close(unit: str) -> bool:
    """Whether the unit is a sign that belongs to each figure."""
    return is_percent(unit) or unit.casefold() in _MONEY


def _singular(unit: str) -> str:
    if unit.endswith("ies") and len(unit) > 4:
        return unit[:-3] + "y"
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit
