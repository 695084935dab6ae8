"""What stands for one person: names of columns, and names in the data (R32). A guard against slips, not against disguise."""

import re
from collections.abc import Collection, Iterable

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
    *("email", "mail", "address", "login", "uid", "guid", "uuid", "upn", "sk", "pk", "hash", "pin", "initials"),
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
_NO_PERSON = frozenset(
    (
        *("team", "group", "unit", "division", "district", "department", "area", "station", "rank", "grade", "role"),
        *(
            "type",
            "kind",
            "category",
            "class",
            "status",
            "band",
            "level",
            "force",
            "region",
            "shift",
            "relief",
            "section",
        ),
    )
)
_ENDING = frozenset(
    ("officer", "constable", "pcso", "sergeant", "employee", "oic", "investigator", "surname", "forename")
)
_JOINED = frozenset(who + which for who in _WHO for which in _WHICH)


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
    if not _NO_PERSON.isdisjoint(words):
        return False
    if folded in _ALONE or folded in _JOINED or not _ENDING.isdisjoint(words[-1:]):
        return True
    who = any(word in _WHO for word in words)
    return (who and any(word in _WHICH for word in words)) or any(word in _JOINED for word in words)


_RANK = r"(?i:W?PC|T?PS|DC|A?DS|DI|DCI|SC|SPC|PCSO|CSO|Sgt|Sergeant|Insp|Inspector|Constable|Supt)"
_FORMS = (
    r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}",  # a.example@example.org
    rf"{_RANK}\.? ?[-/#]? ?[0-9]{{3,6}}(?:\b.*)?",  # PC 1234, Sgt 204 Example
    rf"{_RANK}\.? (?:[A-Z]\.? ?){{1,3}} ?[A-Z][a-z'-]+.*",  # PC A Example
    rf"[0-9]{{3,6}} {_RANK}\b.*",  # 1234 PC Example
    r"[0-9]{3,6} [A-Z][A-Za-z'-]+,? [A-Z]\b.*",  # 1234 Example A
    r"[A-Z][A-Za-z'-]+, ?[A-Z]\.?(?: ?[A-Z]\.?)?",  # Example, A
    r"(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z].*",
)
_A_PERSON = re.compile(rf"\n[ \t]*(?:{'|'.join(_FORMS[1:])})[ \t]*(?=\n)")
_AN_ADDRESS = re.compile(rf"\n[ \t]*{_FORMS[0]}[ \t]*(?=\n)")


def looks_like_a_person(text: str) -> bool:
    """Whether a value reads as one person: an e-mail address, a rank with a number or a name, a surname with initials."""
    return any_person((" ".join(text.split()),))


def any_person(texts: Iterable[str]) -> bool:
    """Whether any of many values reads as one person; quick, for there may be a million."""
    lines = "\n".join(("", *texts, ""))
    return _A_PERSON.search(lines) is not None or ("@" in lines and _AN_ADDRESS.search(lines) is not None)
