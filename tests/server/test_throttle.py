"""A data space that takes only so many requests a minute."""

from datetime import UTC, datetime, timedelta

import pytest

from mcs.contract.errors import ContractError
from mcs.server.throttle import Throttle
from tests.server.running import RunningService

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
PRICE = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}


def test_the_request_after_the_last_one_of_a_minute_is_told_when_to_come_again(
    service: RunningService,
) -> None:
    data_space = service.data_space(requests_per_minute=2)

    answers = [data_space.post("prices", [PRICE]) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].json()["code"] == "too_many_requests"


def test_tokens_come_back_with_time() -> None:
    throttle = Throttle()
    for _ in range(60):
        throttle.admit("a", 60, NOW)

    with pytest.raises(ContractError, match="Come again in 1 s"):
        throttle.admit("a", 60, NOW)
    throttle.admit("a", 60, NOW + timedelta(seconds=1))


def test_one_data_space_does_not_use_up_anothers_tokens() -> None:
    throttle = Throttle()
    throttle.admit("a", 1, NOW)

    throttle.admit("b", 1, NOW)


def test_without_a_limit_everything_is_admitted() -> None:
    throttle = Throttle()

    for _ in range(10_000):
        throttle.admit("a", None, NOW)
