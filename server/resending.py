"""The same body once more, through the same judging and the same faults, without an exporter.

Nobody signs it and nobody waits for its answer: a fault that would cut or delay that is noted in
the journal and does nothing else. Key, signature and the limit of requests are not checked.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from mcs.contract.calls import Call
from mcs.contract.dialects import call_at, dialect_of
from mcs.contract.errors import ContractError
from mcs.server import decoding, gateway
from mcs.server.config import Settings
from mcs.server.ingest import journal_refusal, judged_answer
from mcs.server.interference import Incoming
from mcs.server.judging import call_of, feed_of, judge
from mcs.server.manner import manner_of
from mcs.server.receipt import Receipt
from mcs.server.service import Service
from mcs.server.store.repository import timestamp
from mcs.server.store.values import Arrival, DataSpace, JournalledRequest

RESENT = "X-Mcs-Resent-From"
"""The header of the journal that names the request whose body was sent again."""


def resend(service: Service, original: JournalledRequest, body: bytes) -> str:
    """Judges and records a body as if it came again; returns the id of the new request."""
    arrival, moment = original.arrival, service.clock()
    headers = {"Content-Type": "application/json", RESENT: str(original.id)}
    again = Arrival(
        request_id=uuid4().hex[:16],
        received_at=timestamp(moment),
        method=arrival.method,
        route=arrival.route,
        headers=headers,
        data_space=arrival.data_space,
        body_bytes=len(body),
        decoded_bytes=len(body),
    )
    data_space = arrival.data_space or ""
    receipt = Receipt(
        again, moment, body=body, addressed=service.store.data_spaces.addressed(data_space)
    )
    found = receipt.addressed.data_space if receipt.addressed else None
    try:
        items = decoding.parsed_batch(body)
        receipt.note(items=len(items))
        call = call_at(again.method, again.route) or _sent(again.route, data_space, found, items)
        settings = found.settings if found else Settings()
        judgement = judge(call, items, settings)
    except ContractError as refusal:
        journal_refusal(service, receipt, refusal)
        return again.request_id
    incoming = Incoming(service.store, receipt, call.feed, items)
    manner = manner_of(call, dialect_of(call.feed.name), settings)
    judged_answer(incoming, manner, judgement)
    return again.request_id


def _sent(route: str, data_space: str, found: DataSpace | None, items: Sequence[Any]) -> Call:
    return call_of(feed_of(gateway.target_of(route, data_space, found).feeds, items))
