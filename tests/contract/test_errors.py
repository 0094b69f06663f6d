"""What a refusal says to people; what it says to machines is the wire's."""

import pytest

from mcs.contract.errors import ContractError


@pytest.mark.parametrize(
    ("message", "detail", "said"),
    [
        ("JWT is invalid", "It expired.", "JWT is invalid. It expired."),
        ("Too many.", "Come later.", "Too many. Come later."),
        ("Not Found", "", "Not Found"),
    ],
    ids=["no full stop", "a full stop", "no detail"],
)
def test_message_and_detail_are_sentences_of_their_own(
    message: str, detail: str, said: str
) -> None:
    refusal = ContractError(400, "some_code", message, detail)

    assert (str(refusal), refusal.message) == (said, message)
