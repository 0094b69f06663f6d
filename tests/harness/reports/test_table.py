"""CSV: complete, and harmless in a spreadsheet."""

import csv
from io import StringIO

import orjson
import pytest
from hypothesis import given, settings

from mcs.harness.discrepancy import DiffResult
from mcs.harness.reports.document import load_result, to_document
from mcs.harness.reports.formats import Format
from mcs.harness.reports.table import AS_JSON, COLUMNS, STARTS_A_FORMULA, unguarded
from tests.harness.reports.verdicts import discrepancy, failure, verdict, verdicts, written


def rows(text: bytes) -> list[dict[str, str]]:
    """The rows as any reader of CSV has them."""
    return list(csv.DictReader(StringIO(text.decode(), newline="")))


def read_back(text: bytes) -> DiffResult:
    """What the rows say, as the document says it."""
    entries = []
    for row in rows(text):
        plain = {name: unguarded(value) for name, value in row.items()}
        parsed = {name: orjson.loads(plain[name]) for name in AS_JSON}
        entries.append({**plain, **parsed, "log_code": plain["log_code"] or None})
    return load_result({"feeds": {}, "discrepancies": entries})


@settings(max_examples=30)
@given(verdicts)
def test_the_rows_are_the_discrepancies(result: DiffResult) -> None:
    back = read_back(written(Format.CSV, result))

    document = to_document(result)["discrepancies"]
    for one in document:
        one["log_code"] = one["log_code"] or None
    assert to_document(back)["discrepancies"] == document


@settings(max_examples=30)
@given(verdicts)
def test_no_cell_begins_as_a_formula_does(result: DiffResult) -> None:
    formulas = tuple(set(STARTS_A_FORMULA) - {"'"})

    cells = [cell for row in rows(written(Format.CSV, result)) for cell in row.values()]

    assert [cell for cell in cells if cell.startswith(formulas)] == []


@pytest.mark.parametrize("sku", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_a_sku_that_is_a_formula_is_guarded_by_an_apostrophe(sku: str) -> None:
    [row] = rows(written(Format.CSV, verdict(discrepancy(key=sku))))

    assert row["key"] == f"'{sku}"
    assert orjson.loads(row["identity"]) == {"sku": "A"}


def test_the_columns_name_what_a_person_looks_for() -> None:
    [row] = rows(written(Format.CSV, verdict(discrepancy("A"))))

    assert list(row) == list(COLUMNS)
    assert (row["feed"], row["kind"], row["item"]) == ("prices", "missing", "sku=A")
    assert (row["sent_request_id"], row["received_request_id"]) == ("r-1", "")


def test_no_verdict_is_no_empty_table() -> None:
    [row] = rows(failure(Format.CSV, "no answer."))

    assert (row["kind"], row["explanation"]) == ("could_not_tell", "no answer.")
