"""What tests of the exporter share."""

from collections.abc import Iterator

import pytest

from tests.exporter.scripted import ScriptedService, scripted_service


@pytest.fixture
def closed_service() -> Iterator[ScriptedService]:
    """A service whose every answer the test decides."""
    with scripted_service() as service:
        yield service
