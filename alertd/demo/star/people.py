"""Posts, who holds them from when to when, and when they are away. Every person is made up, and reads so."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pyarrow as pa

from alertd.demo.star.dimensions import Row, rows
from alertd.demo.star.forces import Force
from alertd.demo.star.spans import FIRST_DAY, LAST_DAY

POSTS = {
    # post: title, rank, by, what its address begins with
    "district_commander": ("District commander", "Ch Insp", "district", ""),
    "neighbourhood_inspector": ("Neighbourhood inspector", "Insp", "district", "neighbourhood."),
    "divisional_commander": ("Divisional commander", "Ch Supt", "division", ""),
    "detective_chief_inspector": ("Detective chief inspector", "DCI", "division", "crime."),
    "response_inspector": ("Response inspector", "Insp", "team", ""),
    "detective_inspector": ("Detective inspector", "DI", "team", ""),
    "deputy_chief": ("Deputy chief constable", "DCC", "force", "dcc"),
    "assistant_chief": ("Assistant chief constable, local policing", "ACC", "force", "acc"),
    "head_of_hr": ("Head of HR", "Head of HR", "force", "hr"),
    "head_of_contact": ("Head of contact management", "Supt", "force", "contact"),
    "resource_planning_lead": ("Resource planning lead", "Manager", "force", "planning"),
    "citizens_lead": ("Citizens in policing lead", "Ch Insp", "force", "citizens"),
    "head_of_crime": ("Head of crime", "Det Ch Supt", "force", "crime"),
    "head_of_criminal_justice": ("Head of criminal justice", "Manager", "force", "cj"),
    "head_of_public_protection": ("Head of public protection", "Det Supt", "force", "public.protection"),
    "early_action_lead": ("Early action lead", "Supt", "force", "early.action"),
    "victims_lead": ("Victims and witnesses lead", "Manager", "force", "victims"),
    "engagement_lead": ("Engagement lead", "Ch Insp", "force", "engagement"),
    "legitimacy_lead": ("Legitimacy lead", "Ch Insp", "force", "legitimacy"),
    "head_of_standards": ("Head of professional standards", "Supt", "force", "standards"),
    "data_steward": ("Data steward", "Manager", "force", "steward"),
}
_FUNCTIONS = {"response_inspector": "response", "detective_inspector": "investigation"}
_SURNAMES = (
    "Example",
    "Sample",
    "Specimen",
    "Madeup",
    "Invented",
    "Pretend",
    "Placeholder",
    "Fictitious",
    "Imaginary",
    "Mock",
)
HANDOVERS = {"Pendlebeck": date(2021, 10, 1), "Brunford": date(2020, 9, 1), "Ormsdale": date(2019, 9, 1)}
"""The first day of the second district commander."""
_VACANT = {"Ormsdale": 92}
"""So many days before it nobody holds the post."""
_AWAY = {"Priestbridge": (date(2022, 7, 25), date(2022, 8, 19))}


def made_up(number: int, rank: str) -> str:
    """A rank and a name that nobody has."""
    initial = chr(ord("A") + number // len(_SURNAMES) % 26)
    return f"{rank} {initial} {_SURNAMES[number % len(_SURNAMES)]}"


def _address(name: str) -> str:
    return name.lower().replace(" division", "").replace(" ", ".").replace("'", "")


def people(forces: Sequence[Force]) -> Iterator[tuple[str, pa.Table]]:
    """Posts, postings and absences of all forces."""
    yield rows("dim_post", [{"post": post, "title": title, "by": by} for post, (title, _, by, _) in POSTS.items()])
    held = [row for force in forces for row in _postings(force)]
    yield rows("postings", held)
    yield rows("absences", [row for number, posting in enumerate(held) for row in _absences(number, posting)])


def _postings(force: Force) -> Iterator[Row]:
    number = force.number * 7
    places = {
        "district": [one.name for one in force.districts],
        "division": list(force.divisions),
        "force": [force.name],
    }
    for post, (_, rank, by, begins) in POSTS.items():
        names = places.get(by) or [one.name for one in force.teams if one.function == _FUNCTIONS[post]]
        for name in names:
            number += 1
            account = begins + (_address(name) if by != "force" else f".{_address(force.name)}" if force.number else "")
            row: Row = {
                "post": post,
                "force": force.name,
                by: name,
                "name": made_up(number, rank),
                "email": f"{account}@example.org",
                "from": FIRST_DAY,
                "deputy": f"{account}.deputy@example.org" if by in ("district", "division") else None,
            }
            handover = HANDOVERS.get(name) if post == "district_commander" else None
            if handover is not None:
                last = handover - timedelta(days=1 + _VACANT.get(name, 0))
                yield row | {"email": f"{account}.until.{last.year}@example.org", "to": last}
                number += 1
                row |= {"name": made_up(number, rank), "from": handover}
            yield row


def _absences(number: int, posting: Row) -> Iterator[Row]:
    """Two weeks each summer, of those who have a deputy."""
    if posting["deputy"] is None:
        return
    known = {name: posting.get(name) for name in ("post", "force", "division", "district", "team", "email")}
    agreed = _AWAY.get(str(posting.get("district"))) if posting["post"] == "district_commander" else None
    for year in range(2017, 2023):
        first = date(year, 7, 3) + timedelta(weeks=number % 9)
        last = first + timedelta(days=13)
        if agreed is not None and agreed[0].year == year:
            first, last = agreed
        if posting["from"] <= first and last <= (posting.get("to") or LAST_DAY):
            yield known | {"from": first, "to": last, "reason": "course" if number % 5 == 0 else "annual leave"}
