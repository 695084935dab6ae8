"""What stands for one person: names of columns, and names in the data (R32). A guard against slips, not against disguise."""

import re
from collections.abc import Collection

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WHO = (
    *("officer", "constable", "sergeant", "pcso", "psco", "staff", "staffmember", "employee", "colleague", "worker"),
    *("person", "individual", "member", "volunteer", "cadet", "user", "driver", "crew", "operator", "calltaker"),
    *("supervisor", "manager", "investigator", "interviewer", "assessor", "reviewer", "nominal", "suspect", "victim"),
    *("offender", "perpetrator", "witness", "complainant", "detainee", "patient", "child", "caller", "owner"),
    *("collar", "warrant", "payroll", "badge", "shoulder", "epaulette", "oic", "nhs", "pnc", "hr"),
)
_WHICH = (
    *(
        "id",
        "ids",
        "identifier",
        "no",
        "nos",
        "nr",
        "num",
        "number",
        "name",
        "names",
        "ref",
        "reference",
        "key",
        "code",
    ),
    *(
        "email",
        "mail",
        "address",
        "login",
        "uid",
        "guid",
        "uuid",
        "upn",
        "sk",
        "pk",
        "hash",
        "token",
        "pseudonym",
        "pin",
        "initials",
    ),
)
_ALONE = frozenset(
    (
        *("officer", "constable", "sergeant", "pcso", "employee", "individual", "nominal", "oic", "collar", "payroll"),
        *(
            "surname",
            "forename",
            "firstname",
            "lastname",
            "fullname",
            "givenname",
            "familyname",
            "maidenname",
            "nickname",
        ),
        *("username", "userprincipalname", "login", "email", "emailaddress", "mail", "nino", "dob", "dateofbirth"),
        *("nationalinsurance", "nationalinsurancenumber", "nationalinsuranceno", "pseudonym", "initials", "person"),
        *(
            "personkey",
            "staffmember",
            "memberofstaff",
            "callsignholder",
            "postholder",
            "epaulette",
            "patient",
            "victim",
        ),
    )
)
_GROUP = frozenset(
    (
        *("team", "group", "unit", "division", "district", "department", "area", "station", "rank", "grade", "role"),
        *("type", "kind", "category", "class", "status", "band", "level", "force", "region", "shift", "relief"),
        *("section", "trust", "survey", "scheme", "satisfaction", "protection", "offence", "outcome", "cohort"),
        *("need", "needs", "theme", "occupier", "pathway", "exploitation", "service", "services", "suite", "state"),
        *("count", "total", "reason", "result", "programme", "board", "ethnicity", "gender", "age"),
    )
)
"""What follows here is named, and no person: `staff_survey_name`, `officer_team_id`; not so `team_officer_id`."""
_WHETHER = frozenset(("is", "has", "had", "was", "per", "total"))
_ENDING = frozenset(
    ("officer", "constable", "pcso", "sergeant", "employee", "oic", "investigator", "surname", "forename")
)
_NO_JOINED = frozenset(("victimcode", "childcode", "hrcode", "hrname", "nhscode", "nhsname", "pnccode", "pncname"))
"""The Victims' Code, departments, trusts, offences."""
_JOINED = frozenset(who + which for who in _WHO for which in _WHICH) - _NO_JOINED
_HOW_MANY = frozenset(("no", "nos", "nr", "num", "number"))


def names_a_person(column: str, more: Collection[str] = ()) -> bool:
    """Whether a column by its name tells persons apart: `officer_id`, `CollarNo`, `attending_officer`, or one of `more`.

    What names a group of them does not: `officer_rank`, `staff_group_code`.
    """
    words = [word.casefold() for word in _PARTS.findall(column)]
    folded = "".join(words)
    if folded in {"".join(word.casefold() for word in _PARTS.findall(one)) for one in more}:
        return True
    words = [word for word in words if not word.isdigit()]
    folded = "".join(words)
    if words[:1] and words[0] in _WHETHER:
        return False
    if folded in _ALONE or folded in _JOINED or not _ENDING.isdisjoint(words[-1:]):
        return True
    return any(_is_one(words, place) for place in range(len(words)))


def _is_one(words: list[str], place: int) -> bool:
    """Whether the word there names people, and one of them is told apart: `officer_id`, `id_of_officer`, `officerid`."""
    who, after = words[place], words[place + 1 :]
    if not _GROUP.isdisjoint(after):
        return False
    if who in _JOINED:
        return True
    if who not in _WHO:
        return False
    if any(which in _WHICH and who + which not in _NO_JOINED for which in after):
        return True
    before = [word for word in words[:place] if word not in ("of", "the")]
    return before[-1:] != [] and before[-1] in _WHICH and before[-1] not in _HOW_MANY  # `number_of_staff` counts them


_NAME = r"[A-Z][A-Za-z'-]*"
_RANK = r"(?i:W?PC|T?PS|DC|A?DS|DI|DCI|SC|SPC|PCSO|CSO|Sgt|Sergeant|Insp|Inspector|Constable|Supt)"
_CALLED = r"(?i:W?PC|T?PS|DC|PCSO|Sgt|Sergeant|Constable)"
"""The ranks that people are called by beside their numbers."""
_CERTAIN = (
    rf"{_CALLED}\.? #?[0-9]{{3,6}}(?: {_NAME}.*)?",  # PC 1234, Sgt 204 Example
    rf"[0-9]{{3,6}} {_CALLED}(?: {_NAME}.*)?",  # 1234 PC Example
)
_ADDRESS = r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}"  # a.example@example.org
_LIKELY = (
    rf"{_RANK}\.?[ /#-]*[0-9]{{3,6}}(?:\b.*)?",  # PC1234, DS 204, SC-100
    rf"{_RANK}\.? (?:[A-Z]\.? ?){{1,3}} ?[A-Z][a-z'-]+.*",  # PC A Example
    rf"[0-9]{{3,6}} {_RANK}\b.*",
    r"[0-9]{3,6} [A-Z][A-Za-z'-]+,? [A-Z]\b.*",  # 1234 Example A
    r"[A-Z][A-Za-z'-]+, ?(?![NESWC][ \t]*\n)[A-Z]\.?(?: ?[A-Z]\.?)?",  # Example, A; but Burnley, E
    r"(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z].*",
)
_A_GROUP = re.compile(
    r"(?i)\b(?:area|base|beat|block|call|centre|cohort|command|department|desk|district|division|group|home|hospital|house|hub"
    r"|intake|neighbourhood|nursery|office|park|partnership|patrol|practice|relief|road|school|section|sector|shift|site"
    r"|squad|squadron|station|street|surgery|team|unit|ward|watch|wave|wing|zone|north|south|east|west|central|response)s?\b"
)


def _lines(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\n[ \t]*({'|'.join(forms)})[ \t]*(?=\n)")


_IS_CERTAIN, _IS_LIKELY, _IS_ADDRESS = _lines(*_CERTAIN), _lines(*_LIKELY), _lines(_ADDRESS)
_NUMBERED = re.compile(r"\W*[A-Za-z]+\W*[0-9]+\W*")
_IS_CODE = re.compile(rf"\n(?!{_RANK}[ -]?[0-9])[A-Z]{{1,4}}[ -]?[0-9]{{2,6}}(?=\n)")
_SEVERAL = 3


def looks_like_a_person(text: str) -> bool:
    """Whether a value reads as one person whatever stands beside it: an e-mail address, a rank with a collar number."""
    return _any_certain(f"\n{' '.join(text.split())}\n")


def persons_among(texts: Collection[str]) -> frozenset[str]:
    """Which of a column's different values stand for one person; quick, for there may be a million.

    Those that certainly do, where no codes such as `PB 101` beside `PC 101` say otherwise; and all of a column most of whose
    values read like names: `Example, A`, `PC A Example`, `Dr Example`, `1234 Example A`. One of these among others may be a
    place or a desk: `Smith, E`, `Dr Example's Surgery`, `101 Calls A`.
    """
    lines = "\n".join(("", *texts, ""))
    certain = frozenset(filter(looks_like_a_person, texts)) if _any_certain(lines) else frozenset[str]()
    numbered = frozenset(filter(_NUMBERED.fullmatch, certain))
    if numbered and len(_IS_CODE.findall(lines)) >= len(numbered):
        certain -= numbered
    likely = {found for found in _IS_LIKELY.findall(lines) if _A_GROUP.search(found) is None and found not in certain}
    if len(likely) >= _SEVERAL and 2 * len(likely) > len(texts) - len(certain):
        return frozenset(texts)
    return certain


def _any_certain(lines: str) -> bool:
    return _IS_CERTAIN.search(lines) is not None or ("@" in lines and _IS_ADDRESS.search(lines) is not None)
