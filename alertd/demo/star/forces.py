"""The forces of the demonstration warehouse: places, teams and their sizes. None of them exists."""

from dataclasses import dataclass
from functools import cached_property

from alertd.demo.places import DIVISIONS

SMALL: dict[str, tuple[str, ...]] = {
    "West Division": ("Sandholme", "Lunehaven"),
    "East Division": ("Brunford", "Pendlebeck"),
}
FORCES = 43
NEIGHBOURHOODS = {"small": 3, "county": 12, "national": 120}
"""How many a district has."""
RURAL = frozenset({"Lunehaven", "Ormsdale", "Ribblestone", "Pendlebeck", "Wyremouth"})
NOT_LOCATED = "Not located"
PER_HOUSEHOLD = 2.35
"""Residents of a household."""
OUTSIDE = "Outside force area"
_RESIDENTS = (146, 139, 146, 112, 142, 118, 109, 114, 150, 89, 81, 92, 61, 72)
"""Thousands, in the order of districts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """One district."""

    name: str
    division: str
    residents: int
    rural: bool

    @property
    def need(self) -> float:
        """How much policing the place needs for its size, 1 on average."""
        return 0.8 if self.rural else 1.0 + 0.06 * (len(self.name) % 4)

    @property
    def area(self) -> str:
        """Urban or rural."""
        return "rural" if self.rural else "urban"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One team, of a district, a division or the whole force."""

    name: str
    function: str
    district: str | None
    division: str | None
    posts: int


@dataclass(frozen=True, kw_only=True)
class Force:
    """One force; number 0 is the one that things are planted in."""

    number: int
    name: str
    districts: tuple[District, ...]
    neighbourhoods_each: int

    @cached_property
    def divisions(self) -> tuple[str, ...]:
        """The divisions' names."""
        return tuple(dict.fromkeys(one.division for one in self.districts))

    @cached_property
    def residents(self) -> int:
        """Residents of the whole force."""
        return sum(one.residents for one in self.districts)

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        """Every team: response, neighbourhood and the rest."""
        found = []
        for one in self.districts:
            where = {"district": one.name, "division": one.division}
            posts = max(10, one.residents // 5000)
            found += [Team(name=f"{one.name} Response {n}", function="response", posts=posts, **where) for n in (1, 2)]
            found.append(
                Team(name=f"{one.name} Neighbourhood", function="neighbourhood", posts=max(10, posts // 2), **where)
            )
        for division in self.divisions:
            short = division.removesuffix(" Division")
            of = {"district": None, "division": division}
            found += [Team(name=f"{short} Investigation {n}", function="investigation", posts=32, **of) for n in (1, 2)]
            for function in ("custody", "public protection", "early action", "offender management"):
                found.append(Team(name=f"{short} {function.title()}", function=function, posts=18, **of))
        every = {"district": None, "division": None}
        prefix = "" if self.number == 0 else f"{self.name} "
        found += [Team(name=f"{prefix}Contact {n}", function="contact", posts=45, **every) for n in (1, 2, 3)]
        found.append(Team(name=f"{prefix}Criminal Justice", function="criminal justice", posts=40, **every))
        return tuple(found)

    def neighbourhoods(self, district: District) -> list[str]:
        """The names of a district's neighbourhoods."""
        return [f"{district.name} {number:03d}" for number in range(1, self.neighbourhoods_each + 1)]


def forces_of(size: str) -> tuple[Force, ...]:
    """The forces of a size, the one that things are planted in first."""
    each = NEIGHBOURHOODS[size]
    own = _force(0, "Simulated Force", SMALL if size == "small" else DIVISIONS, each)
    if size != "national":
        return (own,)
    return (own, *(_numbered(number, each) for number in range(1, FORCES)))


def _numbered(number: int, each: int) -> Force:
    name = f"Simulated Force {number + 1:02d}"
    short = f"Area {number + 1:02d}"
    divisions = {
        f"{short} {division}": tuple(f"{short} {district}" for district in districts)
        for division, districts in DIVISIONS.items()
    }
    return _force(number, name, divisions, each)


def _force(number: int, name: str, divisions: dict[str, tuple[str, ...]], each: int) -> Force:
    names = [(division, district) for division, districts in divisions.items() for district in districts]
    order = {district: place for place, district in enumerate(d for ds in DIVISIONS.values() for d in ds)}
    districts = []
    for division, district in names:
        plain = district if number == 0 else district.split(" ", 2)[2]
        thousands = _RESIDENTS[order[plain]] * (100 + (number * 37) % 60) // 100
        districts.append(District(name=district, division=division, residents=thousands * 1000, rural=plain in RURAL))
    return Force(number=number, name=name, districts=tuple(districts), neighbourhoods_each=each)
