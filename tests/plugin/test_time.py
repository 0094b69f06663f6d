"""The service's clock in a test's hands, and what goes by it; and faults that end one by one."""

from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.fixtures.catalog import Catalog
from mcs.testing.exporter import paired_exporter
from mcs.testing.live import running_service
from mcs.testing.services import CommerceServices
from tests.harness.sides import price
from tests.plugin.test_failures import post
from tests.server.running import RunningService

needs_clock = pytest.mark.skipif(
    find_spec("mcs.server.control_time") is None, reason="the service has no clock to turn yet"
)
needs_rules = pytest.mark.skipif(
    find_spec("mcs.server.control_faults") is None, reason="faults cannot be ended one by one yet"
)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@needs_clock
def test_the_clock_is_set_moved_on_and_let_go(services: CommerceServices) -> None:
    services.clock.set(NEW_YEAR)
    services.clock.advance(60)
    post(services, price("A"))

    [request] = services.requests()
    assert request.received_at == services.clock.now() == NEW_YEAR + timedelta(minutes=1)

    services.restore()
    assert abs(services.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert services.control.call("GET", "/clock")["clock"] == "real"


@needs_clock
def test_what_a_consumer_shows_follows_settings_and_clock(services: CommerceServices) -> None:
    services.settings(visibility_lag_s={"live_search": 900})
    post(services, price("A"))

    assert services.visible("live_search") == []
    assert services.visible("catalog_service") == [price("A")]

    services.clock.advance(901)
    assert services.visible("live_search", feed="prices") == [price("A")]


@needs_clock
def test_the_paired_exporter_waits_by_turning_the_clock(
    services: CommerceServices, tmp_path: Path
) -> None:
    services.settings(requests_per_minute=2)

    with paired_exporter(services, Catalog(products=20), tmp_path / "shop") as exporter:
        exporter.sync("productOverrides", batch_size=20)

    assert exporter.waits
    assert len(services.received("productOverrides")) > 2 * 20


@needs_rules
def test_a_fault_that_ends_leaves_the_others_in_force(services: CommerceServices) -> None:
    with services.faults.add("lose", identity={"sku": "A"}) as outer:
        with services.faults.add("lose", identity={"sku": "B"}) as inner:
            post(services, price("A"), price("B"))
        post(services, price("A"), price("B"))

    post(services, price("A"))
    assert (len(outer.hits), len(inner.hits)) == (2, 1)
    services.assert_in_sync([price("A"), price("B")], feed="prices")


def test_a_clock_is_set_to_a_moment_with_a_zone_only(services: CommerceServices) -> None:
    with pytest.raises(UsageError, match="has no time zone"):
        services.clock.set(datetime.fromisoformat("2027-01-01T00:00:00"))

    assert not services.clock.turned


def test_a_clock_that_workers_share_is_not_turned(service: RunningService, tmp_path: Path) -> None:
    with running_service(service.url, lambda: tmp_path, 3, shared=True) as live:
        services = live.data_space("shared")

        with pytest.raises(UsageError, match="shared by several test workers"):
            services.clock.advance(60)
