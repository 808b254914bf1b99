"""Reading what a department may change: every mistake is named by file, row and field."""

import json
from dataclasses import dataclass
from datetime import date

import pytest

from shared.config import BadConfig, read_rows, read_value, valid_on


@dataclass(frozen=True)
class Sign:
    code: str
    days: int
    valid_from: date | None = None
    valid_to: date | None = None


def a_file(tmp_path, rows):
    path = tmp_path / "signs.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps({"signs": rows}), encoding="utf-8")
    return path


def test_rows_are_read_in_the_order_of_the_file(tmp_path):
    path = a_file(tmp_path, [{"code": "B", "days": 2}, {"code": "A", "days": 1, "valid_from": "2026-07-01"}])

    assert read_rows(path, "signs", Sign) == (Sign("B", 2), Sign("A", 1, date(2026, 7, 1)))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"code": "A", "days": "7"}], r"signs\.json, signs, row 1 \(A\): .*int.*\$\.days"),
        ([{"code": "A", "days": 7}, {"days": 7}], r"row 2: .*code"),
        ([{"code": "A", "days": 7, "valid_from": "31/12/2026"}], r"row 1 \(A\): .*\$\.valid_from"),
        ([{"code": "A", "days": 7, "dyas": 8}], r"row 1 \(A\): unknown field 'dyas'"),
        ('{"signs": [{"code": "A", "code": "B"}]}', r"signs\.json: the field 'code' is given twice"),
        ('{"signs": 3}', r"there is no list 'signs'"),
        ("[]", r"one object"),
        ("{", r"signs\.json: "),
    ],
)
def test_a_mistake_is_named_by_file_row_and_field(tmp_path, rows, says):
    with pytest.raises(BadConfig, match=says):
        read_rows(a_file(tmp_path, rows), "signs", Sign, complete=True)


def test_a_reader_of_some_fields_does_not_mind_the_others(tmp_path):
    path = a_file(tmp_path, [{"code": "A", "days": 7, "name": "…"}])

    assert read_rows(path, "signs", Sign) == (Sign("A", 7),)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadConfig, match=r"absent\.json is missing"):
        read_value(tmp_path / "absent.json", None, Sign)


def test_both_ends_of_validity_are_included():
    row = Sign("A", 1, date(2026, 7, 1), date(2026, 7, 31))

    held = [day for day in range(1, 32) if valid_on([row], date(2026, 7, day))]

    assert len(held) == 31
    assert not valid_on([row], date(2026, 6, 30))
    assert not valid_on([row], date(2026, 8, 1))
