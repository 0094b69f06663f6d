"""`mcs serve` and `mcs dataspace`. The latter work on the database, server or no server."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.contract.validation import Mode
from mcs.server import credentials, listings
from mcs.server.config import ServerConfig, Settings
from mcs.server.gateway import API_KEY, normalised_id, shown_header
from mcs.server.store.repository import Store
from mcs.server.store.values import DataSpace

FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

EXPORTER_SET_UP = """\
{magento} config:set services_connector/services_id/environment_id {data_space_id}
{magento} config:set \
services_connector/services_connector_integration/production_api_key {api_key}
{magento} config:set \
services_connector/services_connector_integration/production_private_key --from-file {pem}
{magento} config:set services_connector/production_gateway_url {url}"""


def _place_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--database", metavar="URL", help="Database. [default: in --var]"),
        click.option("--var", type=click.Path(path_type=Path), help="Directory. [default: var]"),
    ):
        command = option(command)
    return command


_port_option = click.option(
    "--port", type=int, help="Where `mcs serve` listens, for the URL. [default: 8080]"
)


def _own_key_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--api-key", metavar="KEY", help="One of your own. [default: a new one]"),
        click.option(
            "--public-key",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="PEM of an RSA key of your own, whose private half you keep.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port; 0 takes any that is free. [default: 8080]")
@click.option("--threads", type=int, help="Requests answered at the same time. [default: 8]")
@click.option("--workers", type=int, help="Processes that answer. [default: 1]")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written once it answers.")
@_place_options
def serve(**options: Any) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM)."""
    # `mcs dataspace` does without all that answers requests.
    from mcs.server.serve import CannotListen
    from mcs.server.serve import serve as serve_until_told

    try:
        serve_until_told(_config(options))
    except CannotListen as error:
        raise click.ClickException(str(error)) from None


@click.group()
def dataspace() -> None:
    """Make and list data spaces, the tenants of the service, and their keys."""


@dataspace.command(short_help="Make a data space, with a key pair.")
@click.argument("name")
@click.option("--id", "wanted_id", metavar="UUID", help="Its id. [default: a new one]")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="What is refused.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A further setting.")
@_own_key_options
@_port_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def create(
    name: str,
    wanted_id: str | None,
    mode: str | None,
    pairs: tuple[str, ...],
    api_key: str | None,
    public_key: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a data space called NAME, with a key pair for its exporter."""
    config = _config(options)
    settings = _settings(pairs, mode)
    data_space_id = normalised_id(wanted_id) if wanted_id else str(uuid4())
    if data_space_id is None:
        raise UsageError(f'--id: got "{wanted_id}", expected a UUID.')
    if not FILE_NAME.fullmatch(name):
        raise UsageError(
            f'NAME: got "{name}", expected up to 100 letters, digits, ".", "_" and "-", '
            "since files are called so."
        )
    own = credentials.own_key(api_key, public_key)
    credentials.make_room(_directory(config), name)
    with _store(config) as store:
        if any(space.name == name for space in store.data_spaces.all()):
            raise UsageError(f'there is a data space called "{name}" already. Take another name.')
        issued = credentials.issue(store, data_space_id, name, settings, own)
        if issued is None:
            raise UsageError(f"there is a data space {data_space_id} already. Take another --id.")
        client = credentials.issue_client(store, data_space_id)
    _hand_out(config, name, name, data_space_id, issued, as_json, client)


@dataspace.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def list_all(as_json: bool, **options: Any) -> None:
    """List the data spaces."""
    with _store(_config(options)) as store:
        spaces = store.data_spaces.all()
    if as_json:
        click.echo(json.dumps([listings.data_space(space) for space in spaces], indent=2))
        return
    for space in spaces:
        click.echo(f"{space.id}  {space.settings.mode:<7}  {space.name}")


@dataspace.command(short_help="Show a data space and its settings.")
@click.argument("name_or_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def show(name_or_id: str, as_json: bool, **options: Any) -> None:
    """Show a data space with its settings, and what else they can be."""
    with _store(_config(options)) as store:
        space = _named(store.data_spaces.all(), name_or_id)
    _print_data_space(space, as_json)


@dataspace.command("set", short_help="Change settings of a data space.")
@click.argument("name_or_id")
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def set_settings(name_or_id: str, pairs: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Change settings, as in mode=strict visibility_lag_s='{"live_search": 900}'.

    They are in force from the next request on, also in a server that is running.
    """
    given = _values(pairs, "NAME=VALUE")
    with _store(_config(options)) as store:
        space = _named(store.data_spaces.all(), name_or_id)
        changed = store.data_spaces.change_settings(space.id, given)
    _print_data_space(changed or space, as_json)


@dataspace.command(short_help="Give a data space one more key pair.")
@click.argument("name_or_id")
@click.option("--retire-old", is_flag=True, help="Those it has are good no more.")
@_own_key_options
@_port_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def rotate(
    name_or_id: str,
    retire_old: bool,
    api_key: str | None,
    public_key: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Give a data space one more key pair; those it has stay good unless they are retired."""
    config = _config(options)
    own = credentials.own_key(api_key, public_key)
    with _store(config) as store:
        space = _named(store.data_spaces.all(), name_or_id)
        file_name = credentials.free_name(_directory(config), _file_name(space))
        credentials.make_room(_directory(config), file_name)
        old = [key.number for key in store.keys.of(space.id)]
        issued = credentials.issue_another(store, space.id, own)
        if retire_old:
            store.keys.retire(space.id, old)
    _hand_out(config, file_name, space.name, space.id, issued, as_json)


@dataspace.command(short_help="List the API keys of a data space.")
@click.argument("name_or_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def keys(name_or_id: str, as_json: bool, **options: Any) -> None:
    """List the API keys of a data space: how they begin, when they were used last."""
    with _store(_config(options)) as store:
        found = store.keys.of(_named(store.data_spaces.all(), name_or_id).id)
    if as_json:
        click.echo(json.dumps([asdict(key) for key in found], indent=2))
        return
    for key in found:
        state = f"retired at {key.retired_at}" if key.retired_at else "good"
        used = f"last used at {key.last_used_at}" if key.last_used_at else "not used yet"
        click.echo(
            f"{key.number}  {key.shown or '?':<5}  registered at {key.created_at}  {used}  {state}"
        )


@dataspace.command(short_help="Make API keys good no more.")
@click.argument("name_or_id")
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="NUMBER...")
@_place_options
def retire(name_or_id: str, numbers: tuple[int, ...], **options: Any) -> None:
    """Make API keys of a data space good no more, from the next request on."""
    with _store(_config(options)) as store:
        space = _named(store.data_spaces.all(), name_or_id)
        known = {key.number: key for key in store.keys.of(space.id)}
        for number in numbers:
            if number not in known:
                raise UsageError(
                    f"{space.name} has no key {number}. "
                    f'"mcs dataspace keys {space.name}" lists all.'
                )
        retired = store.keys.retire(space.id, numbers)
        left = sum(key.retired_at is None for key in store.keys.of(space.id))
    click.echo(f"retired {retired}, {left} good keys are left")


@dataspace.command(short_help="List the requests that found no data space.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_place_options
def misaddressed(limit: int, as_json: bool, **options: Any) -> None:
    """List the requests that found no data space, newest first: look here if nothing arrives."""
    with _store(_config(options)) as store:
        found = store.journalled.requests(None, limit=limit)
    if as_json:
        click.echo(json.dumps([listings.journalled(entry) for entry in found], indent=2))
        return
    for entry in found:
        one = entry.arrival
        key = shown_header(one.headers, API_KEY) or "no key"
        click.echo(f"{one.received_at}  {one.status}  {one.method} {one.route}  {key}")
        click.echo(f"    {one.message or ''}")
    if not found:
        click.echo("Every request that is remembered found its data space.")


def _config(options: dict[str, Any]) -> ServerConfig:
    given = {name: value for name, value in options.items() if value is not None}
    return replace(ServerConfig.from_env(), **given)


def _store(config: ServerConfig) -> Store:
    return Store(config.database_url, connections=1)


def _directory(config: ServerConfig) -> Path:
    return config.var / "credentials"


def _settings(pairs: tuple[str, ...], mode: str | None) -> Settings:
    given: dict[str, Any] = {} if mode is None else {"mode": mode}
    return Settings.from_json(given | _values(pairs, "--set"))


def _values(pairs: tuple[str, ...], where: str) -> dict[str, Any]:
    """Values by name: JSON where they are that, else the text itself."""
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(f'{where}: got "{pair}", expected KEY=VALUE.')
        try:
            given[name] = json.loads(text)
        except json.JSONDecodeError:
            given[name] = text
    return given


def _print_data_space(space: DataSpace, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(listings.data_space(space), indent=2))
        return
    click.echo(f"data space {space.name}: {space.id}, made {space.created_at}")
    for option in fields(Settings):
        value = json.dumps(getattr(space.settings, option.name))
        click.echo(f"  {option.name} = {value}\n      {option.metadata['help']}")


def _named(spaces: list[DataSpace], name_or_id: str) -> DataSpace:
    wanted_id = normalised_id(name_or_id)
    found = [space for space in spaces if name_or_id == space.name or wanted_id == space.id]
    if len(found) > 1:
        ids = ", ".join(space.id for space in found)
        raise UsageError(f'several data spaces are called "{name_or_id}". Give one of: {ids}.')
    if not found:
        raise UsageError(f'there is no data space "{name_or_id}". "mcs dataspace list" shows all.')
    return found[0]


def _file_name(space: DataSpace) -> str:
    # Names given over the control API need not be fit for files.
    return space.name if FILE_NAME.fullmatch(space.name) else space.id


def _hand_out(
    config: ServerConfig,
    file_name: str,
    name: str,
    data_space_id: str,
    issued: credentials.IssuedKey,
    as_json: bool,
    client: credentials.IssuedClient | None = None,
) -> None:
    known = {
        "name": name,
        "data_space_id": data_space_id,
        "api_key": issued.api_key,
        "url": config.url,
    }
    own_half = {} if issued.private_key is None else {"private_key": issued.private_key}
    secret = known | own_half
    if client is not None:
        known["client_id"] = client.client_id
        secret |= client.as_json()
    path = credentials.write(_directory(config), file_name, secret, issued.private_key)
    has_pem = issued.private_key is not None
    pem = str(path.with_suffix(".pem").absolute()) if has_pem else "<your private key>"
    if as_json:
        files = {"credentials_file": str(path.absolute())}
        files |= {"private_key_file": pem} if has_pem else {}
        click.echo(json.dumps(known | files, indent=2))
        return
    click.echo(f"data space {name}: {data_space_id}")
    click.echo(f"API key: {issued.api_key}")
    if client is not None:
        click.echo(f"client ID: {client.client_id}, for tokens of the catalog ingestion API")
    click.echo(f"credentials: {path}\n\nConfigure the exporter:")
    click.echo(EXPORTER_SET_UP.format(magento=MAGENTO, pem=pem, **known))
