"""Who is calling: the checks of API key, signature and data space, in this order.

Source: contract/wire.md, "Headers", "JWT"; bodies of refusals are assumed but for two messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from werkzeug.datastructures import Headers

from mcs.contract import signature
from mcs.contract.errors import ContractError
from mcs.contract.feeds import Feed, Routes
from mcs.server.service import Service
from mcs.server.store.repository import Clock
from mcs.server.store.values import DataSpace, RegisteredKey

API_KEY = "x-api-key"
SIGNATURE = "x-gw-signature"
UNKNOWN_CLIENT = "Client ID is invalid"
"""The one message by which genuine clients recognise that the gateway refused the API key."""

KEPT_CHARACTERS = 4
HEADER_SHOWN = 1_000
SECRET_HEADERS = frozenset(
    {API_KEY, "magento-api-key", SIGNATURE, "authorization", "cookie", "proxy-authorization"}
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request is addressed to. feeds: whose items may come in there."""

    data_space: DataSpace
    feeds: tuple[Feed, ...]


def key_hash(api_key: str) -> str:
    """What is kept of an API key."""
    return sha256(api_key.encode()).hexdigest()


def shown_key(api_key: str) -> str:
    """How a key begins, as journal and listings show it."""
    return api_key[:KEPT_CHARACTERS] + "…"


def target_of(route: str, data_space_id: str, found: DataSpace | None) -> Target:
    """Where a path leads to. found: the data space of this id. Raises ContractError 404."""
    overrides = found.settings.routes if found else None
    routes = _routes(tuple((overrides or {}).items()))
    feeds = routes.feeds_at(route)
    if not feeds:
        raise ContractError(
            404,
            "unknown_route",
            "Not Found",
            f'"{route}" is no route of a feed. Post to one of: {", ".join(routes.known())}; '
            "the data space id follows it.",
        )
    if found is None:
        raise unknown_data_space(data_space_id)
    return Target(found, feeds)


def normalised_id(text: str) -> str | None:
    """A data space id as the store writes it: a lower-case UUID; None if the text is none.

    >>> normalised_id("3F1C0000-0000-4000-8000-000000000000")
    '3f1c0000-0000-4000-8000-000000000000'
    """
    try:
        return str(UUID(text))
    except ValueError:
        return None


def unknown_data_space(data_space_id: str) -> ContractError:
    """The refusal of a data space id that is no UUID, or that nobody made."""
    is_uuid = normalised_id(data_space_id) is not None
    reason = "is not known here" if is_uuid else "is no UUID"
    return ContractError(
        404,
        "unknown_data_space",
        "Not Found",
        f'Data space "{data_space_id}" {reason}. Make one with "mcs dataspace create", or check '
        "services_connector/services_id/environment_id.",
    )


def authenticate(
    service: Service, headers: Headers, data_space: str | None, clock: Clock | None = None
) -> list[str]:
    """The ids of the data spaces that the caller may send to.

    data_space: the one that is addressed, None where the path names none. clock: the one to check
    the signature by, if that is not the service's; asked only if the API key is good.
    Raises ContractError 403 or 401.
    """
    # Asked once, it counts once: a fault may stand behind it.
    clock, token = cache(clock or service.clock), headers.get(SIGNATURE)
    api_key = key_hash(headers.get(API_KEY, ""))
    known = service.store.keys.known_registrations(api_key)
    if data_space is not None:
        signer = _signer(service, token, _relevant(known, data_space), clock)
        if signer is not None:
            service.store.keys.note_used(api_key, signer, data_space)
            return [data_space]
    registrations = _registrations(service, headers.get(API_KEY))
    relevant = _relevant(registrations, data_space)
    if not relevant:
        raise ContractError(
            403,
            "key_not_for_data_space",
            "Forbidden",
            f"This API key is not registered for data space {data_space}. "
            "Use the key that was made with it.",
        )
    signer = _checked_signer(service, token, relevant, clock)
    service.store.keys.note_used(api_key, signer, data_space)
    return list(dict.fromkeys(key.data_space for key in relevant))


def shown_signature(token: str | None) -> dict[str, Any] | None:
    """What the journal says of a token that is not checked yet, without the token itself.

    None if it cannot be read.
    """
    said = signature.unverified(token)
    return None if said is None else {"verified": False, **said}


def redacted(headers: Headers) -> dict[str, str]:
    """The headers for the journal: of secrets only the first characters are left, and of what is
    as long as no honest header the beginning."""
    return {name: _shown(name, value) for name, value in headers.items()}


def shown_header(headers: Mapping[str, str], name: str) -> str | None:
    """A header as the journal has it, by its name in small letters; None if it did not come."""
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _shown(name: str, value: str) -> str:
    kept = KEPT_CHARACTERS if name.lower() in SECRET_HEADERS else HEADER_SHOWN
    return value if kept == HEADER_SHOWN >= len(value) else value[:kept] + "…"


@lru_cache(maxsize=256)
def _routes(overrides: tuple[tuple[str, str], ...]) -> Routes:
    return Routes(overrides=dict(overrides))


def _relevant(keys: Sequence[RegisteredKey], data_space: str | None) -> list[RegisteredKey]:
    return [key for key in keys if data_space in (None, key.data_space)]


def _signer(
    service: Service, token: str | None, keys: Sequence[RegisteredKey], clock: Clock
) -> str | None:
    """The public key; None if it is none of these: others may have been registered since."""
    if not keys:
        return None
    try:
        return _checked_signer(service, token, keys, clock)
    except ContractError:
        return None


def _registrations(service: Service, api_key: str | None) -> list[RegisteredKey]:
    if not api_key:
        raise ContractError(
            403,
            "missing_api_key",
            "Forbidden",
            f"The header {API_KEY} is missing. Send the public API key of the data space in it.",
        )
    registrations = service.store.keys.registrations_of(key_hash(api_key))
    if not registrations:
        retired_at = service.store.keys.retired_at(key_hash(api_key))
        state = "is not known here" if retired_at is None else f"was retired at {retired_at}"
        raise ContractError(
            403,
            "unknown_api_key",
            UNKNOWN_CLIENT,
            f"The key in {API_KEY} {state}. Check "
            "services_connector_integration/production_api_key.",
        )
    return registrations


def _checked_signer(
    service: Service, token: str | None, keys: Sequence[RegisteredKey], clock: Clock
) -> str:
    if not token:
        raise ContractError(
            401,
            "missing_signature",
            signature.INVALID,
            f"The header {SIGNATURE} is missing. Send a bare RS256 JWT in it, signed by the "
            "private key.",
        )
    public_keys = list(dict.fromkeys(key.public_key for key in keys))
    return signature.verify(token, public_keys, clock(), service.config.jwt_leeway_s)
