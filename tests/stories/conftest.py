"""What stories share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import DataSpaceClient
from tests.stories.paired import PairedShop, paired_shop


@pytest.fixture
def shop(tmp_path: Path, data_space: DataSpaceClient) -> Iterator[PairedShop]:
    """A shop of forty products, paired with a data space of its own."""
    with paired_shop(tmp_path, data_space, products=40) as shop:
        yield shop
