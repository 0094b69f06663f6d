"""How a client asks the token service for a token (contract/ingestion-api.md)."""

from mcs.contract.catalog import SCOPES

TOKEN_PATH = "/ims/token/v3"  # noqa: S105 - a path
GRANT = "client_credentials"


def token_form(client_id: str, client_secret: str) -> dict[str, str]:
    """The fields of the request, which is posted as a form, percent-encoded."""
    return {
        "client_id": client_id,
        "client_secret": client_secret,
        "grant_type": GRANT,
        "scope": ",".join(SCOPES),
    }
