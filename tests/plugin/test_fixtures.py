"""The fixtures of the pytest plugin, in projects of their own."""

import re
import time
from pathlib import Path

import pytest
import urllib3

from tests.plugin.conftest import Run
from tests.server.running import RunningService

PATIENCE_S = 30
MANUAL = Path(__file__).parents[2] / "docs" / "testing-your-exporter.md"


def test_each_test_has_a_data_space_of_its_own_under_xdist(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.parametrize("sku", "ABCDEF")
        def test_own_items(commerce_services, sku):
            assert post(commerce_services, "prices", price(sku)).status == 200
            assert [item["sku"] for item in commerce_services.received("prices")] == [sku]
            assert len(commerce_services.requests()) == 1
        """,
        *("-p", "xdist", "-n", "2"),
    )

    result.assert_outcomes(passed=6)


def test_nothing_is_loaded_or_started_unless_a_test_asks(run: Run) -> None:
    result = run(
        """
        import sys

        def test_without_fixture():
            loaded = {name for name in sys.modules if name.partition(".")[0] == "mcs"}
            assert loaded == {"mcs", "mcs.pytest_plugin"}
        """
    )

    result.assert_outcomes(passed=1)


def test_the_service_is_gone_at_the_end_though_a_test_failed(
    run: Run, pytester: pytest.Pytester
) -> None:
    result = run(
        """
        def test_fails(commerce_services):
            Path("url").write_text(commerce_services.url)
            assert post(commerce_services, "prices", price("A")).status == 500
        """
    )

    result.assert_outcomes(failed=1)
    assert not _answers((pytester.path / "url").read_text())


def test_the_service_goes_with_a_run_that_is_killed(run: Run, pytester: pytest.Pytester) -> None:
    run(
        """
        import os, signal

        def test_dies(commerce_services):
            Path("url").write_text(commerce_services.url)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )

    url = (pytester.path / "url").read_text()
    deadline = time.monotonic() + PATIENCE_S
    while _answers(url):
        assert time.monotonic() < deadline


def test_a_service_that_runs_already_is_used_and_left_without_faults(
    run_here: Run, service: RunningService, pytester: pytest.Pytester
) -> None:
    result = run_here(
        """
        def test_leaves_a_fault(commerce_services):
            commerce_services.faults.add("lose", feed="prices")
            assert post(commerce_services, "prices", price("A")).status == 200
            assert commerce_services.received("prices") == []
            Path("data_space").write_text(commerce_services.data_space_id)
        """
    )

    result.assert_outcomes(passed=1)
    data_space = (pytester.path / "data_space").read_text()
    faults = service.http.request("GET", f"{service.url}/control/data-spaces/{data_space}/faults")
    assert faults.json() == {"faults": []}


def test_markers_choose_settings_and_catalog(run_here: Run) -> None:
    result = run_here(
        """
        import pytest

        @pytest.mark.commerce_services(mode="strict", partial_failure=200)
        def test_settings(commerce_services):
            assert post(commerce_services, "prices", price("A", unheardOf=1)).status == 200
            commerce_services.assert_rejected("prices", sku="A", pointer="/unheardOf")

        @pytest.mark.catalog(seed=7, products=3)
        def test_catalog(catalog):
            assert (catalog.seed, len(list(catalog))) == (7, 3)

        def test_default_catalog(catalog):
            assert catalog.products == 20
        """
    )

    result.assert_outcomes(passed=3)


def test_the_paired_exporter_does_what_the_manual_shows(run_here: Run) -> None:
    blocks = re.findall(r"```python\n(.*?)```", MANUAL.read_text("utf-8"), re.S)
    [shown] = [block for block in blocks if "exporter.sync(" in block]

    run_here(shown).assert_outcomes(passed=1)


def test_the_paired_exporter_exports_the_catalog_and_its_edits(run_here: Run) -> None:
    result = run_here(
        """
        import pytest
        from mcs.exporter.commerce import edits

        @pytest.mark.catalog(products=5)
        def test_life(commerce_services, exporter, catalog):
            assert exporter.sync("products").clean
            sku = catalog.product(0).sku
            exporter.edit(edits.delete_product, sku)
            assert "products" in exporter.partial()
            assert exporter.retry() == {}
            commerce_services.assert_in_sync(exporter, feed="products")
            commerce_services.assert_deleted("products", sku=sku)
        """
    )

    result.assert_outcomes(passed=1)


def test_an_exporter_of_another_process_gets_its_credentials(run_here: Run) -> None:
    result = run_here(
        """
        import os, subprocess, sys

        def test_command(commerce_services):
            Path("prices.json").write_text(json.dumps([price("A")]))
            send = [sys.executable, "-m", "mcs", "send", "prices.json", "--feed", "prices"]
            env = os.environ | commerce_services.env
            command = [*send, "--credentials", env["MCS_CREDENTIALS"]]
            subprocess.run(command, env=env, check=True)
            assert Path(env["MCS_PRIVATE_KEY_FILE"]).read_text() == commerce_services.private_key
            commerce_services.assert_in_sync("prices.json", feed="prices")
        """
    )

    result.assert_outcomes(passed=1)


def test_a_failing_test_shows_its_own_line_and_what_came(run_here: Run) -> None:
    result = run_here(
        """
        def test_prices(commerce_services):
            post(commerce_services, "prices", price("A", 38))
            commerce_services.assert_in_sync([price("A", 34)], feed="prices")
        """
    )

    result.stdout.fnmatch_lines(
        [
            ">*commerce_services.assert_in_sync(*",
            "E*changed: prices sku=A, customerGroupCode=0, websiteCode=base",
            "E*/regular: sent 34, received 38",
            "test_exporter.py:*: AssertionError",
            "*mock commerce services*",
            "*prices 200 OK; items 1, accepted 1, refused 0",
        ]
    )
    result.stdout.no_fnmatch_line("*mcs/testing*")


def test_a_wrong_url_is_told_in_one_sentence(run: Run) -> None:
    result = run(
        """
        def test_any(commerce_services):
            pass
        """,
        *("--mcs-url", "http://127.0.0.1:9"),
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E*no answer from the mock service at http://127.0.0.1:9*"])


def _answers(url: str) -> bool:
    try:
        urllib3.request("GET", f"{url}/control/health", retries=False)
    except urllib3.exceptions.HTTPError:
        return False
    return True
