"""The parameters of a control chart."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from alertd.core.parameters.baseline import Limited
from alertd.core.rulesets import RuleSet, default_rules, rule_set_named

ChartKind = Literal["xmr", "p", "pp", "u", "up", "c", "g", "t", "g_3sigma", "run"]


class Spc(Limited):
    """Statistical process control: limits from a baseline, and signals by a dated rule set."""

    chart: ChartKind | None = None
    """The kind of control chart; left out, the one that fits what is measured (see `explain`)."""
    rules: str | None = None
    """The rule set; `mdc` is the newest `mdc-*`. Left out: `anhoej-2014` for `run`, `three-sigma` for `g`, `t`, else `mdc`."""
    signals: tuple[str, ...] | None = None
    """Only these signals of the rule set."""
    screen: bool = False
    """Leave out moving ranges above 3.267 times their mean, once."""
    min_denominator: Annotated[float, Field(gt=0)] | None = None
    """A period with a smaller denominator is neither judged nor part of a baseline."""
    multiplier: Annotated[float, Field(gt=0, le=10)] = 3
    """How many sigma the limits lie from the centre line."""
    exact_below: Annotated[float, Field(ge=0)] = 25
    """Shares, rates and counts with fewer expected events than this have exact limits; 0 is the textbook's sigma throughout."""

    @model_validator(mode="after")
    def _known(self) -> "Spc":
        chosen = self.rule_set
        unknown = [name for name in self.signals or () if name not in chosen.signals]
        if unknown:
            raise ValueError(f"`{unknown[0]}` is no signal of {chosen.name}; it has {', '.join(chosen.signals)}")
        if self.signals == ():
            raise ValueError("`signals` is empty, so the rule could never fire")
        runs = {"run_length", "crossings"} & set(chosen.signals)
        if self.chart == "run" and not runs:
            raise ValueError(
                f"a run chart has no limits, so the rules {chosen.name} could never fire; write `anhoej-2014`"
            )
        if self.chart != "run" and runs:
            raise ValueError(f"{chosen.name} judges run charts; write `chart: run`, or another rule set")
        return self

    @property
    def rule_set(self) -> RuleSet:
        """The rule set that applies, where none is written that of the chart."""
        return rule_set_named(self.rules or default_rules(self.chart))
