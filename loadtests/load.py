"""One process's part of a load test: the work of each tenant, and what was measured of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import urllib3

from mcs.contract.dialects import CATALOG_DIALECT, DIALECTS, Dialect
from mcs.contract.signature import sign
from mcs.contract.token_request import TOKEN_PATH, token_form
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.profile_file import parsed_profile
from mcs.fixtures.sharding import Shard
from mcs.harness.client import TIMEOUT
from mcs.loadtests.measures import Measures
from mcs.loadtests.plan import Plan, Tenant
from mcs.loadtests.work import Batch, Batches, CallBatches, ShardBatches, Spool, Work

SIGNED_FOR_S = 60
"""How long a signature is used; signing each request anew would take longer than sending it. It is
good for five minutes."""


@dataclass(slots=True)
class Sender:
    """A tenant in this process. url: of the service. dialect: that it speaks."""

    tenant: Tenant
    work: Work
    url: str
    dialect: Dialect
    _token: str = ""
    _signed_at: float = 0

    def path(self, route: str) -> str:
        """Where what goes to a route is posted to."""
        return self.dialect.path.format(route=route, data_space=self.tenant.data_space_id)

    def headers(self) -> dict[str, str]:
        """Key and a signature that is fresh enough, or a token."""
        if self.dialect is CATALOG_DIALECT:
            return self._with_token()
        now = time.time()
        if now - self._signed_at > SIGNED_FOR_S:
            self._token = sign(self.tenant.private_key, datetime.now(UTC))
            self._signed_at = now
        return {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "x-api-key": self.tenant.api_key,
            "x-gw-signature": self._token,
        }

    def _with_token(self) -> dict[str, str]:
        # A token lives longer than any run.
        self._token = self._token or new_token(self.url, self.tenant)
        return {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Authorization": f"Bearer {self._token}",
        }


def new_token(url: str, tenant: Tenant) -> str:
    """A token of the service there; "" if it gives none, which the first call will tell."""
    form = token_form(tenant.client_id, tenant.client_secret)
    with urllib3.PoolManager(timeout=TIMEOUT) as pool:
        answer = pool.request("POST", f"{url}{TOKEN_PATH}", fields=form, encode_multipart=False)
    try:
        return str(answer.json()["access_token"])
    except (ValueError, LookupError, TypeError):
        return ""


class Load:
    """What the users of one process share.

    breathe: called between batches that are made ahead, so that others get their turn. guests:
    misbehaving clients that wait for an answer.
    """

    def __init__(self, plan: Plan, shard: Shard, breathe: Callable[[], None]) -> None:
        self.plan = plan
        self.measures = Measures()
        self.aborted = ""
        self.guests = 0
        self.senders = [
            Sender(
                tenant,
                Work(plan.stages, _batches(plan, tenant, shard, breathe)),
                plan.url,
                DIALECTS[plan.dialect],
            )
            for tenant in plan.tenants
        ]
        self._numbers = count()
        self._began_at = time.monotonic()
        self._cpu_s = time.process_time()

    def next_number(self) -> int:
        """The number of a new user in this process, from 0."""
        return next(self._numbers)

    def take(self, number: int) -> tuple[Sender, Batch] | None:
        """The next batch for a user, of its own tenant as long as that has any; None: not now."""
        elapsed_s = time.monotonic() - self._began_at
        for place in range(len(self.senders)):
            sender = self.senders[(number + place) % len(self.senders)]
            batch = sender.work.take(elapsed_s)
            if batch:
                return sender, batch
        return None

    @property
    def is_done(self) -> bool:
        """True if all that was to be sent is answered or given up."""
        return all(sender.work.is_done for sender in self.senders)

    def note_cpu(self) -> None:
        """Measures what this process used since the load began, or since this was last called."""
        now_s = time.process_time()
        self.measures.cpu_s += now_s - self._cpu_s
        self._cpu_s = now_s

    def abort(self, reason: str) -> None:
        """Ends the run early: every further request would meet the same."""
        self.aborted = self.aborted or reason
        for sender in self.senders:
            sender.work.abandon()


def _batches(plan: Plan, tenant: Tenant, shard: Shard, breathe: Callable[[], None]) -> Batches:
    catalog = Catalog.of_profile(parsed_profile(plan.profile, "profile"), tenant.seed)
    is_called = plan.dialect == CATALOG_DIALECT.name
    made: Batches = CallBatches(catalog, shard) if is_called else ShardBatches(catalog, shard)
    if not plan.ahead:
        return made
    spool = Spool()
    for number, stage in enumerate(plan.stages):
        for batch in made(stage, number):
            spool.add(batch)
            breathe()
    return spool
