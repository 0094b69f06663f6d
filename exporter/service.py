"""Where the exporter sends, and as whom: the `services_connector` part of Commerce's configuration.

Source: contract/wire.md, base URLs and credentials.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.exporter.commerce.database import read_config

ENVIRONMENT = "magento_saas/environment"
DATA_SPACE_ID = "services_connector/services_id/environment_id"
COMPRESSION = "commerce_data_export/request_compression"
DEFAULT_GATEWAYS = {
    "production": "https://commerce.adobe.io/",
    "sandbox": "https://commerce-beta.adobe.io/",
}

TENANT_ID = "aco_exporter/general/tenant_id"
CLIENT_ID = "aco_exporter/general/client_id"
CLIENT_SECRET = "aco_exporter/general/client_secret"  # noqa: S105 - a path
INGESTION_URL = "aco_exporter/general/ingestion_url"
IMS_URL = "aco_exporter/general/ims_url"
DEFAULT_INGESTION_URL = "https://na1.api.commerce.adobe.com"
DEFAULT_IMS_URL = "https://ims-na1.adobelogin.com"

NO_CLIENT = (
    "{tenant} is set, so that the exporter speaks the catalog data ingestion API, and not "
    "configured is: {paths}. POST /control/data-spaces/{{id}}/clients makes a client."
)
NOT_CONFIGURED = (
    "not configured: {paths}. Make a data space with `mcs dataspace create NAME`; it prints the "
    f"`{MAGENTO} config:set` lines to run."
)


@dataclass(frozen=True, slots=True)
class ImsClient:
    """Who asks the token service at `ims_url` for tokens."""

    client_id: str
    client_secret: str
    ims_url: str


@dataclass(frozen=True, slots=True)
class Service:
    """One data space of the service, and the key pair that may write to it.

    client: not None if the exporter speaks the ingestion API, with tokens instead of signatures.
    """

    base_url: str
    data_space_id: str
    api_key: str
    private_key: str
    compress: bool = True
    routes: tuple[tuple[str, str], ...] = ()
    client: ImsClient | None = None

    def url_of(self, feed_name: str, route: str) -> str:
        """Where batches of a feed are posted. Routes are configuration, as in Commerce."""
        route = dict(self.routes).get(feed_name, route)
        return f"{self.base_url.rstrip('/')}/{route.strip('/')}/{self.data_space_id}"


def api_key_path(environment: str) -> str:
    """The configuration path of the public API key."""
    return f"services_connector/services_connector_integration/{environment}_api_key"


def private_key_path(environment: str) -> str:
    """The configuration path of the private key, a PEM text."""
    return f"services_connector/services_connector_integration/{environment}_private_key"


def gateway_path(environment: str) -> str:
    """The configuration path of the gateway's URL."""
    return f"services_connector/{environment}_gateway_url"


def route_path(feed_name: str) -> str:
    """The configuration path of a feed's route."""
    return f"commerce_data_export/routes/{feed_name}"


def speaks_ingestion_api(connection: Connection) -> bool:
    """True if what is exported goes to the ingestion API, not to the ingest of signed feeds."""
    return bool(read_config(connection, TENANT_ID))


def configured_service(connection: Connection, feed_names: list[str]) -> Service:
    """The service that the configuration names.

    With a tenant of the ingestion API configured, that is where all goes. Raises UsageError that
    names every missing path: the exporter never sends without a data space id and both keys.
    """
    if speaks_ingestion_api(connection):
        return _ingestion_service(connection)
    environment = read_config(connection, ENVIRONMENT) or "production"
    if environment not in DEFAULT_GATEWAYS:
        raise UsageError(
            f'{ENVIRONMENT} is "{environment}"; set it to production or sandbox with '
            f"`{MAGENTO} config:set {ENVIRONMENT} production`."
        )
    wanted = [DATA_SPACE_ID, api_key_path(environment), private_key_path(environment)]
    values = [read_config(connection, path) for path in wanted]
    if missing := [path for path, value in zip(wanted, values, strict=True) if not value]:
        raise UsageError(NOT_CONFIGURED.format(paths=", ".join(missing)))
    data_space_id, api_key, private_key = (value or "" for value in values)
    if not (api_key.isascii() and api_key.isprintable()):
        raise UsageError(
            f"{api_key_path(environment)} holds letters that no API key has, such as line breaks. "
            "Set it again as it was given."
        )
    routes = ((name, read_config(connection, route_path(name))) for name in feed_names)
    return Service(
        base_url=read_config(connection, gateway_path(environment))
        or DEFAULT_GATEWAYS[environment],
        data_space_id=data_space_id,
        api_key=api_key,
        private_key=private_key,
        compress=read_config(connection, COMPRESSION) not in ("0", "false"),
        routes=tuple((name, route) for name, route in routes if route),
    )


def _ingestion_service(connection: Connection) -> Service:
    wanted = [TENANT_ID, CLIENT_ID, CLIENT_SECRET]
    values = [read_config(connection, path) for path in wanted]
    if missing := [path for path, value in zip(wanted, values, strict=True) if not value]:
        raise UsageError(NO_CLIENT.format(tenant=TENANT_ID, paths=", ".join(missing)))
    tenant, client_id, client_secret = (value or "" for value in values)
    ims_url = read_config(connection, IMS_URL) or DEFAULT_IMS_URL
    return Service(
        base_url=read_config(connection, INGESTION_URL) or DEFAULT_INGESTION_URL,
        data_space_id=tenant,
        api_key="",
        private_key="",
        compress=read_config(connection, COMPRESSION) not in ("0", "false"),
        client=ImsClient(client_id, client_secret, ims_url),
    )
