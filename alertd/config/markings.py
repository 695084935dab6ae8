"""Whether each measure's `marking` is one that is known, so that the highest of several can be told."""

import re
from collections.abc import Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import likely, one_of
from alertd.core.marking import ORDER


def marking_problems(parts: Parts) -> Iterator[Problem]:
    """A known marking that is misspelt, and (as a warning) one that is not known at all."""
    for name, measure in parts.measures.items():
        if not parts.sure("measures", name, "marking"):
            continue
        entry = parts.entries["measures"][name]
        meant = meant_by(measure.marking)
        if meant is not None:
            message = f"`marking` of {entry.what}: `{measure.marking}` is no marking"
            hint = f"did you mean `{meant}`?"
            yield entry.problem("A103", message, "marking", hint=hint, note=one_of(ORDER, nothing=""))
        elif not measure.marking.upper().startswith(ORDER):
            message = f"`marking` of {entry.what}: `{measure.marking}` is none of the known markings"
            note = (
                f"it counts above all of them, so a letter about several measures bears it; {one_of(ORDER, nothing='')}"
            )
            yield entry.problem("W219", message, "marking", note=note)


def meant_by(marking: str) -> str | None:
    """The known marking that a misspelt one means; None for what is right, what has a descriptor, and what is unknown."""
    words = " ".join(re.findall(r"[^\W_]+", marking.upper()))
    plain = {known.replace("-", " "): known for known in ORDER}
    for spelt, known in sorted(plain.items(), key=lambda one: -len(one[0])):
        if words == spelt or words.startswith(f"{spelt} "):
            rest = words.removeprefix(spelt).split()
            if not marking.strip().upper().startswith(known):
                return known  # OFFICIAL SENSITIVE
            if known == ORDER[0] and rest and likely(rest[0], ("SENSITIVE",)):
                return ORDER[1]  # OFFICIAL-SENSITVE, which would count as OFFICIAL with a descriptor
            return None
    found = likely(words, plain)
    return plain[found] if found is not None else None
