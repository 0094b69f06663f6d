"""The token service beside the ingestion API: /ims/token/v2 and v3, and who bears a good token.

Source: contract/ingestion-api.md. Clients refuse a token's answer with any further field. Assumed:
what it says of credentials that are not good, which follows RFC 6749; a scope that the client does
not have is left out, as long as one is left.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from mcs.contract.catalog import SCOPE, TOKEN_LIFE_S
from mcs.contract.catalog_answer import INVALID_TOKEN, MISSING_TOKEN
from mcs.contract.token_request import GRANT
from mcs.server.answers import json_answer
from mcs.server.gateway import key_hash
from mcs.server.receipt import new_receipt
from mcs.server.service import Service, current_service
from mcs.server.store.repository import Clock, timestamp
from mcs.server.store.tokens import ImsClient, Token

ims = Blueprint("ims", __name__)

LARGEST_FORM_BYTES = 64 * 1024
NAME_LENGTH = 12
"""Digits of a token's hash by which the journal tells tokens apart."""

BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)
OTHER_TENANT = (
    "ErrForbidden",
    403,
    "403000",
    "Oauth token is not for data space {data_space}. Make one with its own client",
)
WITHOUT_SCOPE = (
    "ErrForbidden",
    403,
    "403000",
    f"Oauth token lacks the scope {SCOPE}. Ask for it when you make one",
)


class Refused(Exception):
    """A caller that is not let in: title, status, error code and message of the answer."""

    def __init__(self, title: str, status: int, error_code: str, message: str) -> None:
        super().__init__(message)
        self.title, self.status, self.error_code = title, status, error_code


@ims.post("/ims/token/v2")
@ims.post("/ims/token/v3")
def make_token() -> Response:
    """A token for the bearer of a client's credentials, which come as a form or in the query."""
    request.max_content_length = LARGEST_FORM_BYTES
    service, asked = current_service(), request.values
    if asked.get("grant_type") != GRANT:
        return _error(400, "unsupported_grant_type", f"grant_type must be {GRANT}")
    client = service.store.tokens.client(asked.get("client_id", ""))
    secret = key_hash(asked.get("client_secret", ""))
    if client is None or not hmac.compare_digest(client.secret_hash, secret):
        return _turned_away(service, client)
    scopes = _granted(asked, client.scopes)
    if not scopes:
        had = ",".join(client.scopes)
        return _error(400, "invalid_scope", f"the client has none of these scopes; it has {had}")
    token = secrets.token_urlsafe(48)
    expires_at = service.clock() + timedelta(seconds=TOKEN_LIFE_S)
    service.store.tokens.add(key_hash(token), client.client_id, scopes, expires_at)
    answer = {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_LIFE_S}
    return json_answer(answer)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who bears a token. name: tells it from others. token: None if it was never made here."""

    name: str
    token: Token | None

    def shown(self) -> dict[str, Any]:
        """What the journal says of a token that is not checked yet, without the token itself."""
        claims: dict[str, Any] = {"token": self.name}
        if self.token is not None:
            claims |= {"scopes": list(self.token.scopes), "expires_at": self.token.expires_at}
        return {"verified": False, "algorithm": "bearer", "claims": claims}


def borne(service: Service, header: str | None) -> Bearer | None:
    """The token in an Authorization header, be it good or not; None if the header has none."""
    bearer = BEARER.fullmatch((header or "").strip())
    if bearer is None:
        return None
    hashed = key_hash(bearer[1])
    return Bearer(hashed[:NAME_LENGTH], service.store.tokens.token(hashed))


def good_token(bearer: Bearer | None, header: str | None, clock: Clock) -> Token:
    """The token that is borne in a header. clock: what expiry is checked by. Raises Refused."""
    if not header:
        raise Refused(*MISSING_TOKEN)
    token = bearer.token if bearer else None
    if token is None or token.revoked or token.expires_at <= timestamp(clock()):
        raise Refused(*INVALID_TOKEN)
    return token


def let_in(token: Token, data_space: str) -> None:
    """Checks that a token is for a data space, and for the ingestion API. Raises Refused."""
    if token.data_space != data_space:
        title, status, code, message = OTHER_TENANT
        raise Refused(title, status, code, message.format(data_space=data_space))
    if SCOPE not in token.scopes:
        raise Refused(*WITHOUT_SCOPE)


def _turned_away(service: Service, client: ImsClient | None) -> Response:
    """Journals what is refused: a client without a token never comes to send anything."""
    code, reason = "invalid_client", "client_id or client_secret is not known here"
    receipt = new_receipt(service, request.path.lstrip("/"))
    receipt.note(data_space=client and client.data_space, status=401, code=code, message=reason)
    service.store.intake.journal(receipt.timed(), None)
    return _error(401, code, reason)


def _granted(asked: Mapping[str, str], had: tuple[str, ...]) -> list[str]:
    wanted = [scope for scope in re.split(r"[\s,]+", asked.get("scope", "")) if scope]
    return [scope for scope in had if scope in wanted] if wanted else list(had)


def _error(status: int, error: str, description: str) -> Response:
    return json_answer({"error": error, "error_description": description}, status)
