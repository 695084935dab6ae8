"""A force of two divisions with two districts each, and who holds its posts, for journeys about levels."""

DISTRICTS = ("Ash", "Birch", "Cedar", "Doune")
PLACES = """\
places:
  County: {level: force}
  West: {level: division, parent: County}
  East: {level: division, parent: County}
  Ash: {level: district, parent: West}
  Birch: {level: district, parent: West}
  Cedar: {level: district, parent: East}
  Doune: {level: district, parent: East}
"""
COMMANDERS = """\
owners:
  data_steward: {email: steward@example.org}
  chief: {name: ACC Chief, email: chief@example.org}
  commander:
    by: division
    posts:
      West: [{name: Ch Supt West, email: west@example.org, from: 2018-01-01}]
      East: [{name: Ch Supt East, email: east@example.org, from: 2018-01-01}]
    fallback: chief
"""
PLACES_DOUNE_LATER = PLACES.replace("Doune: {", "Doune: {from: 2020-03-01, ")
"""The same with a district that there was not always."""
