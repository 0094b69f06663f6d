"""What it takes to have a generated shop export to a fresh service: the demo and the simulation
begin so."""

import shutil
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import Engine

from mcs.contract.errors import UsageError
from mcs.exporter import service
from mcs.exporter.commerce.database import write_config


def fresh_folder(home: Path) -> Path:
    """The folder, made empty."""
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    return home


def connect_shop(engine: Engine, url: str, data_space: dict[str, Any]) -> None:
    """Configures a shop's exporter for a data space, as it was answered when it was made."""
    with engine.begin() as connection:
        write_config(connection, service.DATA_SPACE_ID, data_space["id"])
        write_config(connection, service.api_key_path("production"), data_space["api_key"])
        write_config(connection, service.private_key_path("production"), data_space["private_key"])
        write_config(connection, service.gateway_path("production"), url)


def connect_to_ingestion(engine: Engine, url: str, data_space: dict[str, Any]) -> None:
    """Configures a shop's exporter to speak the ingestion API with a data space."""
    with engine.begin() as connection:
        write_config(connection, service.TENANT_ID, data_space["id"])
        write_config(connection, service.CLIENT_ID, data_space["client_id"])
        write_config(connection, service.CLIENT_SECRET, data_space["client_secret"])
        write_config(connection, service.INGESTION_URL, url)
        write_config(connection, service.IMS_URL, url)


def ask_control(url: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    """The answer of a service's control API. Raises UsageError if it refuses."""
    answer = urllib3.request(method, f"{url}/control{path}", json=body)
    if answer.status >= 300:
        raise UsageError(f"{method} /control{path} answered {answer.status}: {answer.data!r}")
    document: dict[str, Any] = answer.json()
    return document
