"""The `x-gw-signature` header: a bare RS256 JWT, signed by the exporter, checked by the gateway.

Source: contract/wire.md, "JWT". Only the signature and `exp` say anything; other claims are the
same for every merchant and are ignored.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.types import Options

from mcs.contract.errors import ContractError, UsageError

LIFETIME_S = 300
"""How long a token lives when the exporter signs it."""

SMALLEST_KEY_BITS = 2048

LATEST = 2**53
"""Seconds since 1970 that no honest expiry comes near."""

_SIGNATURE_ONLY: Options = {
    "verify_exp": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}

INVALID = "JWT is invalid"
"""The one message by which genuine clients recognise that the gateway refused the signature."""

UNREADABLE = (
    "x-gw-signature cannot be read: {error}. Send a bare JWT: three parts in base64url without "
    'padding, joined by dots, signed by RS256; no "Bearer" before it, no quotes around it.'
)


def key_pair() -> tuple[str, str]:
    """A fresh RSA key pair as PEM texts: private (PKCS 8), public."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private_pem.decode(), _public_pem(private)


def public_pem_of(private_pem: str) -> str:
    """The public half of a private key. Raises UsageError if the text is no RSA private key."""
    return _public_pem(_private_key(private_pem))


def checked_public_key(pem: str) -> str:
    """A public key as it is registered. Raises UsageError if the text is no RSA public key, or one
    too short to trust."""
    try:
        public = serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"the public key is no PEM text that can be read: {error}") from None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < SMALLEST_KEY_BITS:
        raise UsageError(
            f"the public key is none of RSA with {SMALLEST_KEY_BITS} bits or more. Make one with "
            '"openssl genrsa -out key.pem 2048", and "openssl rsa -in key.pem -pubout".'
        )
    pem_bytes = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem_bytes.decode()


def sign(private_pem: str, now: datetime) -> str:
    """A token that is good for `LIFETIME_S` seconds from now. Raises UsageError on a bad key."""
    return _signed(private_pem, int(now.timestamp()) + LIFETIME_S)


def verify(token: str, public_pems: list[str], now: datetime, leeway_s: int) -> str:
    """The key that the token is signed by, if it has not expired; more than one is alive while keys
    are rotated.

    Raises ContractError 401 with the reason.
    """
    reason = ("jwt_invalid", "It was signed by another key than the one registered for this key.")
    for public_pem in public_pems:
        try:
            # PyJWT has no way to be told the time, so expiry is checked here, on our clock.
            claims = _signed_claims(token, public_pem)
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError as error:
            reason = ("jwt_invalid", UNREADABLE.format(error=error))
            continue
        _check_expiry(claims.get("exp"), now, leeway_s)
        return public_pem
    code, detail = reason
    raise ContractError(401, code, INVALID, detail)


def unverified(token: str | None) -> dict[str, Any] | None:
    """What a token says of itself, {"algorithm", "claims"}, good or not; None if it is no JWT.

    >>> unverified("no token") is None
    True
    """
    said = _said_by(token or "")
    return None if said is None else orjson.loads(said)


@lru_cache(maxsize=64)
def _signed(private_pem: str, expires: int) -> str:
    """RS256 leaves nothing to chance: those who sign within a second sign the same."""
    return jwt.encode({"exp": expires}, _private_key(private_pem), algorithm="RS256")


@lru_cache(maxsize=1024)
def _said_by(token: str) -> bytes | None:
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={**_SIGNATURE_ONLY, "verify_signature": False})
        return orjson.dumps({"algorithm": header.get("alg"), "claims": claims})
    except (jwt.InvalidTokenError, orjson.JSONEncodeError):
        return None


@lru_cache(maxsize=1024)
def _signed_claims(token: str, public_pem: str) -> dict[str, Any]:
    """What a token says, if it is signed by this key. A client sends a token more than once."""
    return jwt.decode(token, public_pem, algorithms=["RS256"], options=_SIGNATURE_ONLY)


def _public_pem(private: rsa.RSAPrivateKey) -> str:
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode()


@lru_cache(maxsize=64)
def _private_key(private_pem: str) -> rsa.RSAPrivateKey:
    """The key of a PEM text. Reading it checks its primes, which takes longer than signing."""
    try:
        private = serialization.load_pem_private_key(private_pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"the private key is no PEM text that can be read: {error}") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise UsageError("the private key is no RSA key; signatures are RS256.")
    return private


def _check_expiry(exp: object, now: datetime, leeway_s: int) -> None:
    is_number = isinstance(exp, int | float) and not isinstance(exp, bool)
    if not is_number or not abs(exp) < LATEST:  # type: ignore[arg-type]  # false for NaN, too
        raise ContractError(
            401, "jwt_without_exp", INVALID, f"Its claim exp must be now + {LIFETIME_S} s."
        )
    late_s = now.timestamp() - exp  # type: ignore[operator]  # a number, as seen above
    if late_s > leeway_s:
        raise ContractError(
            401,
            "jwt_expired",
            INVALID,
            f"It expired {late_s:.0f} s ago. Sign a new one per request, with exp = now + "
            f"{LIFETIME_S} s, and check the clock.",
        )
