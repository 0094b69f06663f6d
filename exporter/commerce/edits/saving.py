"""What Commerce does at every save of a product or category: the time of it is noted."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, update

from mcs.exporter.commerce.tables import Category, Product


def save_product(connection: Connection, product_id: int, **values: Any) -> None:
    """Set these columns of the product, and when it was saved."""
    connection.execute(
        update(Product).where(Product.product_id == product_id).values(updated_at=_now(), **values)
    )


def save_category(connection: Connection, category_id: int, **values: Any) -> None:
    """Set these columns of the category, and when it was saved."""
    connection.execute(
        update(Category)
        .where(Category.category_id == category_id)
        .values(updated_at=_now(), **values)
    )


def _now() -> datetime:
    """Commerce keeps whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
