"""What tests of the exporter share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporter.databases import KINDS, fresh_database
from tests.exporter.scripted import ScriptedService, scripted_service


@pytest.fixture
def closed_service() -> Iterator[ScriptedService]:
    """A service whose every answer the test decides."""
    with scripted_service() as service:
        yield service


@pytest.fixture(params=KINDS, ids=str)
def commerce_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty commerce database; the test runs once for each kind of database."""
    with fresh_database(request.param, tmp_path) as url:
        yield url
