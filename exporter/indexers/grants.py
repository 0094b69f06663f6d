"""What category permissions come to, once parents and defaults are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from mcs.exporter.commerce.tables import CategoryPermission

_Scope = tuple[int | None, int | None, int | None]
"""Category id, website id, customer group id; None stands for all."""

_Grants = tuple[str | None, str | None, str | None]
Allowed = tuple[bool, bool, bool]
"""To be displayed, to have its price displayed, to be put into the cart."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """All rows, by scope. Answers are remembered: products share their categories."""

    rows: Mapping[_Scope, _Grants]
    answers: dict[tuple[tuple[int, ...], int, int], Allowed] = field(default_factory=dict)

    def allowed(self, path: tuple[int, ...], website_id: int, group_id: int) -> Allowed:
        """What the group may do in a category of the website; path: its id, then its parents'."""
        question = (path, website_id, group_id)
        if question not in self.answers:
            displayed, priced, sold = (self._grant(*question, kind) == "ALLOW" for kind in range(3))
            self.answers[question] = (displayed, priced, sold)
        return self.answers[question]

    def _grant(self, path: tuple[int, ...], website_id: int, group_id: int, kind: int) -> str:
        for category_id in (*path, None):
            grant = self._row_grant(category_id, website_id, group_id, kind)
            if grant is not None and grant != "USE_PARENT":
                return grant
        return "ALLOW"

    def _row_grant(
        self, category_id: int | None, website_id: int, group_id: int, kind: int
    ) -> str | None:
        """The grant of the most specific row that says anything of the kind."""
        for scope in (
            (category_id, website_id, group_id),
            (category_id, website_id, None),
            (category_id, None, group_id),
            (category_id, None, None),
        ):
            grants = self.rows.get(scope)
            if grants is not None and grants[kind] is not None:
                return grants[kind]
        return None


def read_permissions(connection: Connection) -> Permissions:
    """All permission rows; those of one scope that set different grants count as one."""
    rows: dict[_Scope, _Grants] = {}
    for row in connection.execute(
        select(
            CategoryPermission.category_id,
            CategoryPermission.website_id,
            CategoryPermission.customer_group_id,
            CategoryPermission.displayed,
            CategoryPermission.display_product_price,
            CategoryPermission.add_to_cart,
        ).order_by(CategoryPermission.permission_id)
    ):
        category_id, website_id, group_id, displayed, priced, sold = row
        scope = (category_id, website_id, group_id)
        before = rows.get(scope, (None, None, None))
        rows[scope] = (displayed or before[0], priced or before[1], sold or before[2])
    return Permissions(rows)
