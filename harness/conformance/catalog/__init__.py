"""How an exporter must behave that speaks the catalog data ingestion API, by theme.

What holds of any exporter is judged as for signed feeds; sources and grades are this API's own.
"""

from collections.abc import Mapping

from mcs.harness.conformance.catalog import calls, common, items, tokens
from mcs.harness.conformance.clause import Clause

CATALOG_THEMES: Mapping[str, str] = {
    "CAT-TOKEN": "Who is calling",
    "CAT-CALL": "The call",
    "CAT-LIMIT": "How much at once",
    "CAT-ITEM": "The items",
    "CAT-SYNC": "What a sync sends",
    "CAT-DEL": "Deletes",
    "CAT-RETRY": "What failed",
    "CAT-REFUSE": "What was refused",
    "CAT-CONN": "Broken connections",
    "CAT-SECRET": "Secrets",
}

_ALL = (*tokens.CLAUSES, *calls.CLAUSES, *items.CLAUSES, *common.CLAUSES, *items.DELETES)
CATALOG_CLAUSES: Mapping[str, Clause] = {
    clause.id: clause for theme in CATALOG_THEMES for clause in _ALL if clause.theme == theme
}
"""Every clause, by theme, in the order in which they are read."""
