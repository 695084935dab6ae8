"""`alertd check` on homes that are broken in every way: an exit code, and never a traceback.

A usual run takes a sample. `CUT_EVERYWHERE=1` cuts every shipped file at every byte; `MUTATIONS=20000` tries so many
mutated homes.
"""

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.cli.check import command
from alertd.core.errors import AlertdError
from tests.edges.config.homes import write_home

ROOT = Path(__file__).resolve().parents[3]
STARTER = ROOT / "alertd/starter"
FOLDERS = ("config", "rules", "channels", "templates")
EVERYWHERE = bool(os.environ.get("CUT_EVERYWHERE"))
MUTATIONS = int(os.environ.get("MUTATIONS", "150"))
FORMATS = ("text", "json", "github", "sarif")


def _check(root: Path, *arguments: str) -> int:
    """The exit code of a check; what alertd does not raise on purpose is raised."""
    result = CliRunner().invoke(command, ["--home", str(root), *arguments], standalone_mode=False)
    if result.exception is not None:
        if not isinstance(result.exception, AlertdError):
            raise result.exception
        return result.exception.exit_code
    assert "Traceback" not in result.output
    return result.return_value or 0


def _files(home: Path) -> list[str]:
    """Every file of a home that `check` reads."""
    found = (path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file())
    return sorted(path.relative_to(home).as_posix() for path in found)


def _alone_or_together(home: Path) -> list[tuple[str, ...]]:
    """Files that are cut one at a time, since others name what is in them; statements do not, and are cut all at once."""
    names = _files(home)
    statements = () if EVERYWHERE else tuple(name for name in names if name.endswith(".sql"))
    return [*((name,) for name in names if name not in statements), *([statements] if statements else [])]


SHIPPED = [(home, names) for home in (ROOT, STARTER) for names in _alone_or_together(home)]


def _cuts(home: Path, name: str, length: int) -> list[int]:
    if EVERYWHERE:
        return list(range(length + 1))
    few = 1 if home == ROOT and not name.endswith(".sql") else 3  # two hundred rules are read each time
    return random.Random(name).sample(range(length + 1), few)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """A copy of each home that is shipped."""
    made = {home: tmp_path_factory.mktemp("shipped") / "home" for home in (ROOT, STARTER)}
    for home, root in made.items():
        for folder in FOLDERS:
            shutil.copytree(home / folder, root / folder)
    return made


@pytest.mark.parametrize(("home", "names"), SHIPPED, ids=[f"{home.name}/{names[0]}" for home, names in SHIPPED])
def test_a_shipped_file_cut_anywhere_is_survived(copies: dict[Path, Path], home: Path, names: tuple[str, ...]) -> None:
    root = copies[home]
    whole = {name: (root / name).read_bytes() for name in names}
    try:
        for cuts in zip(*(_cuts(home, name, len(content)) for name, content in whole.items()), strict=True):
            for (name, content), cut in zip(whole.items(), cuts, strict=True):
                (root / name).write_bytes(content[:cut])
            code = _check(root, "--offline", "--format", FORMATS[cuts[0] % 4])
            assert code in ((0, 1, 2) if "config/alertd.yaml" in names else (0, 1)), (cuts, code)
    finally:
        for name, content in whole.items():
            (root / name).write_bytes(content)


RICH = {
    "config/alertd.yaml": """\
instance: test
time_zone: Europe/London
warehouse: {url: "duckdb:///warehouse.duckdb", timeout: 5 seconds, max_rows: 1000}
state: {url: "sqlite:///state.db"}
schedule: "weekdays 07:00"
web: {bind: "127.0.0.1:9464"}
small_numbers: {fewer_than: 5}
allow_recipients: ["*@example.org"]
ops: {email: ops@example.org}
""",
    "config/owners.yaml": """\
owners:
  data_steward: {email: steward@example.org}
  lead:
    by: place
    fallback: data_steward
    posts:
      North: [{name: A, email: a@example.org, from: 2020-01-01, to: 2021-12-31}, {name: B, email: b@example.org, from: 2022-01-01}]
      South: [{name: C, email: c@example.org, from: 2020-01-01, deputy: d@example.org, away: [{from: 2021-01-01, to: 2021-02-01}]}]
places:
  Force: {level: force}
  North: {level: place, parent: Force, from: 2019-01-01, to: 2030-01-01}
  South: {level: place, parent: Force, expected: true}
unallocated: [Not located]
framework:
  quadrants: {1: One}
  rows: {M1: {title: T, kind: measure, quadrant: 1, peel: {values: [A], inferred: true}}}
annotations:
  a: {effect: rebase, measures: [m], from: 2022-01, reason: R, agreed_by: A, where: {place: North}}
suppressions:
  s: {measures: m, from: 2022-02, to: 2022-03, effect: exclude, reason: R}
routes:
  default: {to: owner, channel: email, send: weekdays 07:00, remind: every 4 weeks, escalate: {after: 2 periods, to: data_steward}}
""",
    "rules/rules.yaml": """\
measures:
  m: {name: M, table: t, grain: month, period: period, by: [place], value: v, owner: lead, framework: M1, marking: OFFICIAL}
  share: {name: S, sql: x.sql, grain: month, period: period, by: [place], numerator: n, denominator: d, unit: percent, improvement: increase, owner: lead, settles_after: 5 days, reference: {value: 90, label: L}}
  grades: {name: G, table: t, grain: quarter, period: period, by: [place], grade: g, scale: [Poor, Fair, Good], owner: lead}
  events: {name: E, table: t, grain: day, by: [place], event: {date: period}, owner: lead}
rules:
  low: {measure: share, threshold: {below: 85}, for: 2 periods, clear: {at_or_above: 87}, where: {place: [North]}}
  trend: {measure: share, spc: {chart: pp, rules: mdc-2024, baseline: first 24 periods, min_denominator: 20}}
  fixed: {measure: m, spc: {baseline: {from: 2020-01, to: 2022-12}}}
  season: {measure: m, seasonal: {method: adjusted_xmr, factors: [month]}}
  drift: {measure: m, drift: {method: cusum, shift: 1}}
  peers: {measure: share, funnel: {limits: 99.8, last: 12 periods}}
  yoy: {measure: m, change: {versus: same period last year, worse_by: 20 percent}, accept_noise: agreed}
  late: {measure: m, freshness: {late_after: 5 working days, missing: any}, to: data_steward}
  grade: {measure: grades, rating: {dropped: 1 grade}}
  rare: {measure: events, spc: {chart: t}}
  both: {all_of: [trend, low], within: 2 periods}
tests:
  t: {rule: low, values: 91*3 84 84 83 _, expect: "...pFo?"}
""",
    "rules/x.sql": "SELECT period, place, n, d FROM t WHERE period >= :since\n",
    "templates/subject.txt.j2": "{{ view.marking }} {% for part in view.parts %}{{ part.place }}{% endfor %}\n",
}

_ODD = (
    "", "~", "null", "{}", "[]", "[[[]]]", "{a: {b: c}}", "yes", "no", "0", "-1", "1e999", "9" * 400, "0x1F", "1_000", ".nan",
    "2022-13", "9999-12-31", "0001-01-01", "2022-W60", "\u00e9\u0301", "\u202etxet", "\U0001f4a9", "\ufeff", "\x00", "\x85",
    "\u2028", "\ud7ff", "'", '"', "`", "|", ">", "&a", "*a", "!x", "<<", "%", "@", "#", "? a", "- a", ": ", "{{ x", "{% if %}",
    "first 24 periods", "owner", "lead", "m", "low", "both", "place", "North", "duckdb", "period", "v", "mdc", "nelson-1984",
    "2 periods", "500000 months", "*", "a\n b", "[North, [South]]", "{from: 2020-01, to: 2019-01}", "((((((((", "x" * 5000,
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_][\w.-]*|\d+")


def _swap(text: str, chance: random.Random, apart: str) -> str:
    """Two pieces of a text in each other's place."""
    pieces = text.split(apart)
    i, j = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    pieces[i], pieces[j] = pieces[j], pieces[i]
    return apart.join(pieces)


def _replace_word(text: str, chance: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words:
        return chance.choice(_ODD)
    at = chance.choice(words)
    instead = chance.choice((chance.choice(_ODD), chance.choice(words)[0], at[0][:-1], at[0] * 2))
    return text[: at.start()] + instead + text[at.end() :]


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(_ODD) + text[at:]


def _delete(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + text[at + chance.randint(1, 40) :]


def _nest(text: str, chance: random.Random) -> str:
    at, depth = chance.randint(0, len(text)), chance.choice((3, 70, 3000))
    return text[:at] + "[" * depth + chance.choice(("", "]" * depth)) + text[at:]


MUTATIONS_OF_TEXT: tuple[Callable[[str, random.Random], str], ...] = (
    _replace_word,
    _replace_word,
    _replace_word,
    _insert,
    _delete,
    _nest,
    lambda text, chance: _swap(text, chance, "\n"),
    lambda text, chance: _swap(text, chance, ", "),
    lambda text, chance: _swap(text, chance, ": "),
    lambda text, chance: text[: chance.randint(0, len(text))],
    lambda text, chance: text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\u2028")), chance.choice((1, -1))),
    lambda text, chance: "\ufeff" + text,
    lambda text, chance: text + chance.choice(text.splitlines() or [""]),
    lambda text, chance: text.replace("  ", chance.choice(("\t", " ", "   ")), chance.choice((1, -1))),
)


def _mutated(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """One or more files of the home, each changed in up to four ways."""
    for name in chance.sample(sorted(RICH), chance.choice((1, 1, 1, 2, 5))):
        text = RICH[name]
        for _ in range(chance.randint(1, 4)):
            text = chance.choice(MUTATIONS_OF_TEXT)(text, chance)
        content = text.encode("utf-8", "surrogatepass")
        if chance.random() < 0.03:
            content = content.decode("utf-8", "replace").encode("utf-16")
        yield name, content


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound home with every kind of entry, and its warehouse."""
    root = write_home(tmp_path_factory.mktemp("fuzz") / "home", RICH)
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE t (period DATE, place VARCHAR, v DOUBLE, n INT, d INT, g VARCHAR)")
        connection.execute(
            "INSERT INTO t SELECT DATE '2022-01-01' + to_months(m::INT), p, m, 90, 100, 'Fair' "
            "FROM range(36) r(m), (VALUES ('North'), ('South')) s(p)"
        )
    return root


def test_the_home_that_is_mutated_is_sound(rich: Path) -> None:
    assert _check(rich) == 0


@given(seed=st.integers(0, 2**63))
@settings(
    max_examples=MUTATIONS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_mutated_home_is_survived(rich: Path, seed: int) -> None:
    chance = random.Random(seed)
    changed = dict(_mutated(chance))
    offline = chance.random() < 0.9  # asking DuckDB takes ten times as long
    try:
        for name, content in changed.items():
            (rich / name).write_bytes(content)
        code = _check(rich, "--format", chance.choice(FORMATS), *(["--offline"] if offline else []))
        assert code in ((0, 1, 2) if offline else (0, 1, 2, 3))
    finally:
        write_home(rich, RICH)
