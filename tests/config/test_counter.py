"""The file of the counter as it is shipped, and what is refused in it."""

import json
import shutil
from pathlib import Path

import pytest

from services.intake.catalogue import read_catalogue
from shared.config import BadConfig

CONFIG = Path(__file__).parents[2] / "config"
ROWS = json.loads((CONFIG / "counter.json").read_text(encoding="utf-8"))


def test_every_row_is_dated_and_sourced() -> None:
    for row in (*ROWS["ways"], *ROWS["late_grounds"]):
        assert row["source"]
        assert {"valid_from", "valid_to"} <= set(row)


def test_only_letters_may_have_come_earlier_and_nobody_signs_on_the_telephone() -> None:
    ways = {way.code: way for way in read_catalogue(CONFIG).ways}

    assert {code for code, way in ways.items() if way.days_back} == {"letter"}
    assert ways["phone"].signatures == ("none",)
    assert "in_person" not in ways["letter"].signatures


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"signatures": ["by_heart"]}, "row letter, signatures"),
        ({"signatures": []}, "row letter, signatures"),
        ({"days_back": -1}, "row letter, days_back"),
        ({"day_back": 3}, "day_back"),
    ],
)
def test_a_slip_is_named_by_file_row_and_field(tmp_path: Path, change: dict[str, object], named: str) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    ways = [row | change if row["code"] == "letter" else row for row in ROWS["ways"]]
    (config / "counter.json").write_text(json.dumps(ROWS | {"ways": ways}), encoding="utf-8")

    with pytest.raises(BadConfig) as wrong:
        read_catalogue(config)

    assert "counter.json" in str(wrong.value)
    assert named in str(wrong.value)
