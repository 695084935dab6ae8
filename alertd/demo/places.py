"""The simulated force: fourteen districts that do not exist, in three divisions."""

DIVISIONS: dict[str, tuple[str, ...]] = {
    "West Division": ("Sandholme", "Westshore", "Lunehaven", "Wyremouth"),
    "South Division": ("Priestbridge", "Chorwell", "Leyford", "Ormsdale"),
    "East Division": ("Blackmoor Vale", "Brunford", "Hyndmoor", "Pendlebeck", "Ribblestone", "Rossenshaw"),
}
DISTRICTS: tuple[str, ...] = tuple(district for districts in DIVISIONS.values() for district in districts)
UNALLOCATED = "Not located"
