"""A data space that takes only so many requests a minute."""

from datetime import UTC, datetime, timedelta

from mcs.server.throttle import full, taken
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
    bucket = full(60, NOW)
    for _ in range(60):
        bucket, wait_s = taken(bucket, 60, NOW)
        assert wait_s == 0

    bucket, wait_s = taken(bucket, 60, NOW)
    _, later_wait_s = taken(bucket, 60, NOW + timedelta(seconds=1))

    assert (wait_s, later_wait_s) == (1, 0)


def test_one_data_space_does_not_use_up_anothers_tokens(service: RunningService) -> None:
    one, other = (service.data_space(requests_per_minute=1) for _ in range(2))

    answers = [space.post("prices", [PRICE]).status for space in (one, one, other)]

    assert answers == [200, 429, 200]
