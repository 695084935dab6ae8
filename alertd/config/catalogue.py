"""The page of each error code."""

from importlib.resources import files

from alertd.config.suggest import did_you_mean
from alertd.core.errors import UsageError


def codes() -> tuple[str, ...]:
    """Every code that has a page, in order."""
    pages = files("alertd.config").joinpath("codes").iterdir()
    return tuple(sorted(page.name.removesuffix(".md") for page in pages if page.name.endswith(".md")))


def explain_code(code: str) -> str:
    """The page of a code, in Markdown; raises `UsageError` for a code that does not exist."""
    known = codes()
    wanted = code.strip().upper()
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"there are {', '.join(known)}"
        raise UsageError(f"there is no code `{code[:40]}`; {hint}")
    return files("alertd.config").joinpath("codes", f"{wanted}.md").read_text(encoding="utf-8").rstrip("\n")
