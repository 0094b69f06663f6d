"""The token that the gateway wants, and what it says of others."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from mcs.contract.errors import ContractError, UsageError
from mcs.contract.signature import INVALID, key_pair, sign, verify

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
PRIVATE, PUBLIC = key_pair()
OTHER_PRIVATE, OTHER_PUBLIC = key_pair()


def test_a_fresh_token_is_accepted_until_it_expires() -> None:
    token = sign(PRIVATE, NOW)

    verify(token, [PUBLIC], NOW + timedelta(seconds=299), leeway_s=0)


def test_either_key_is_accepted_while_keys_are_rotated() -> None:
    verify(sign(PRIVATE, NOW), [OTHER_PUBLIC, PUBLIC], NOW, leeway_s=0)


def test_other_claims_are_ignored() -> None:
    claims = {"exp": int(NOW.timestamp()) + 60, "iss": "x", "aud": "y", "nbf": 0}

    verify(jwt.encode(claims, PRIVATE, "RS256"), [PUBLIC], NOW, leeway_s=0)


@pytest.mark.parametrize(
    ("token", "code", "detail"),
    [
        (sign(PRIVATE, NOW - timedelta(seconds=400)), "jwt_expired", "expired 100 s ago"),
        (sign(OTHER_PRIVATE, NOW), "jwt_invalid", "another key"),
        ("no.token", "jwt_invalid", "cannot be read"),
        ("Bearer " + sign(PRIVATE, NOW), "jwt_invalid", 'no "Bearer" before it'),
        (jwt.encode({}, PRIVATE, "RS256"), "jwt_without_exp", "now + 300 s"),
        (jwt.encode({"exp": "soon"}, PRIVATE, "RS256"), "jwt_without_exp", "now + 300 s"),
        (jwt.encode({"exp": 2**40}, "s" * 32, "HS256"), "jwt_invalid", "cannot be read"),
    ],
    ids=["expired", "other-key", "no-token", "bearer", "no-exp", "text-exp", "hs256"],
)
def test_a_token_that_is_not_good_is_refused_with_its_reason(
    token: str, code: str, detail: str
) -> None:
    with pytest.raises(ContractError) as caught:
        verify(token, [PUBLIC], NOW, leeway_s=30)

    assert (caught.value.status, caught.value.code) == (401, code)
    assert caught.value.message == INVALID
    assert detail in caught.value.detail


def test_a_text_that_is_no_key_cannot_sign() -> None:
    with pytest.raises(UsageError, match="private key"):
        sign("-----BEGIN NOTHING-----", NOW)
