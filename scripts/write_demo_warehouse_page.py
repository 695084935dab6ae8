"""Writes `docs/demo-warehouse.md` from the tables of the demonstration warehouse and from what is planted in it."""

from pathlib import Path

from alertd.demo.star.page import page

PATH = Path(__file__).resolve().parents[1] / "docs" / "demo-warehouse.md"

if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
