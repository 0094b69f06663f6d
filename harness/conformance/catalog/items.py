"""The items: schema, and what they refer to."""

from collections.abc import Callable, Iterator

from mcs.contract.calls import Call, Operation
from mcs.contract.dialects import call_at
from mcs.contract.validation import Mode, validate
from mcs.harness.conformance.clause import Clause, only
from mcs.harness.conformance.observation import Fate, Observation, Posted, SeenRequest
from mcs.harness.conformance.steps import StepKind
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

Batches = Iterator[tuple[SeenRequest, Call]]

DELETED = "/deleted"
"""A field of the signed feeds alone; what says it is judged as a delete gone wrong."""

BOOKS, PRICES = "catalogPriceBooks", "catalogPrices"

_DESCRIPTION = "contract/catalog-ingestion-openapi.yaml"
_BOOKS = 'contract/ingestion-api.md, "Price books"'


def _demanded(seen: Observation) -> Verdict:
    return _by_schema(_batches(seen), Mode.LENIENT, lambda tolerated: not tolerated)


def _by_the_schema(seen: Observation) -> Verdict:
    return _by_schema(_written_ones(seen), Mode.STRICT, lambda tolerated: tolerated)


def _by_schema(batches: Batches, mode: Mode, counts: Callable[[bool], bool]) -> Verdict:
    looked_at, complaints = 0, []
    for request, call in batches:
        looked_at += len(request.posted)
        contents = [posted.item for posted in request.posted]
        lenient = validate(call.feed, contents, Mode.LENIENT, call.schema).errors
        refused = {(error.index, error.pointer) for error in lenient}
        complaints += [
            f"{request}, item {error.index}: {error.message}"
            for error in validate(call.feed, contents, mode, call.schema).errors
            if error.pointer != DELETED and counts((error.index, error.pointer) not in refused)
        ]
    return ruled(complaints, looked_at, "items")


def _written_ones(seen: Observation) -> Batches:
    """The batches whose items are created or updated."""
    return (one for one in _batches(seen) if one[1].operation is not Operation.DELETE)


def _batches(seen: Observation) -> Batches:
    for request in seen.requests:
        call = call_at(request.method, request.route)
        if call is not None and request.posted:
            yield request, call


def _named_once(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        keys = [posted.key for posted in request.posted if posted.key is not None]
        twice = len(keys) - len(set(keys))
        return f"{twice} items have the identity of another one" if twice else None

    # Of updates of one item in one call, each adds to the one before it.
    return only([one for one in seen.requests if one.posted and not one.is_update], complaint)


def _updates_what_is_there(seen: Observation) -> Verdict:
    updates = [item for item in seen.posted if item.request.is_update]
    complaints = [
        f"{item} of {item.name[0]} updates what was not created, or is deleted: without effect"
        for item in updates
        if not _is_alive(seen.earlier(item))
    ]
    return ruled(complaints, len(updates), "updates")


def _is_alive(earlier: list[Posted]) -> bool:
    settled = [item for item in earlier if item.fate is Fate.TAKEN and not item.request.is_update]
    return bool(settled) and not settled[-1].deleted


def _keeps_its_parent(seen: Observation) -> Verdict:
    books = _written(seen, BOOKS)
    complaints = []
    for item in books:
        before = [one for one in seen.earlier(item) if one.fate is Fate.TAKEN]
        known = before[-1] if before else None
        if known and not known.deleted and _parent(known) != _parent(item):
            complaints.append(
                f"{item}: its parent is {_parent(item)}, in {known.request} it was "
                f"{_parent(known)}; the service keeps that"
            )
    return ruled(complaints, len(books), "price books")


def _in_known_books(seen: Observation) -> Verdict:
    books = _written(seen, BOOKS)
    prices = _written(seen, PRICES) if books else []
    complaints = [
        f"{item}: nothing was sent of its price book {item.item.get('priceBookId')} before it"
        for item in prices
        if not _came_before(item, item.item.get("priceBookId"), books)
    ]
    return ruled(complaints, len(prices), "prices")


def _below_known_books(seen: Observation) -> Verdict:
    books = _written(seen, BOOKS)
    children = [item for item in books if _parent(item) is not None]
    complaints = [
        f"{item}: nothing was sent of its parent {_parent(item)} before it"
        for item in children
        if not _came_before(item, _parent(item), books)
    ]
    return ruled(complaints, len(children), "child price books")


def _written(seen: Observation, feed: str) -> list[Posted]:
    return [
        item
        for item in seen.posted
        if item.name[0] == feed and item.fate is Fate.TAKEN and not item.deleted
    ]


def _came_before(item: Posted, price_book: object, books: list[Posted]) -> bool:
    return any(
        book.item.get("priceBookId") == price_book
        and (book.request.number, book.index) < (item.request.number, item.index)
        for book in books
    )


def _parent(book: Posted) -> object:
    return book.item.get("parentId")


def _metadata_first(seen: Observation) -> Verdict:
    order = list(
        dict.fromkeys(
            request.feed
            for request in seen.requests
            if seen.steps[request.step] is StepKind.INITIAL and request.posted
        )
    )
    pair = [feed for feed in order if feed in ("catalogProductMetadata", "catalogProducts")]
    complaints = ["products came before the metadata"] if pair[0:1] == ["catalogProducts"] else []
    return ruled(complaints if len(pair) > 1 else [], len(pair) // 2, "first syncs of both")


def _deletes_apart(seen: Observation) -> Verdict:
    written = [
        item
        for request, _ in _written_ones(seen)
        for item in request.posted
        if isinstance(item.item, dict)
    ]
    complaints = [
        f"{item} says deleted, which this call does not read: it is written, not deleted"
        for item in written
        if item.item.get("deleted")
    ]
    return ruled(complaints, len(written), "items that were written")


CLAUSES = (
    Clause(
        "CAT-ITEM-1",
        "Every item is as its call demands: fields that are required, types, lengths.",
        _DESCRIPTION,
        _demanded,
    ),
    Clause(
        "CAT-ITEM-2",
        "What is written keeps to the description's prose, too, and has known fields alone.",
        _DESCRIPTION,
        _by_the_schema,
        grade=Grade.ADVICE,
        why="the service is not known to insist on it",
    ),
    Clause(
        "CAT-ITEM-3",
        "No call carries an identity twice, but for updates.",
        'contract/ingestion-api.md, "Calls"',
        _named_once,
        grade=Grade.ADVICE,
        why="which of the two the service keeps is unknown",
    ),
    Clause(
        "CAT-ITEM-4",
        "An update is of what was created: else it is accepted, and has no effect.",
        f"{_DESCRIPTION}, updateProducts",
        _updates_what_is_there,
    ),
    Clause(
        "CAT-ITEM-5",
        "A price book that is written again keeps its parent: another one is not taken over.",
        _BOOKS,
        _keeps_its_parent,
        scenarios=("initial", "again"),
    ),
    Clause(
        "CAT-ITEM-6",
        "A price comes after its price book: prices of a book that is not there are ignored.",
        f"{_DESCRIPTION}, createPrices",
        _in_known_books,
        scenarios=("initial",),
    ),
    Clause(
        "CAT-ITEM-7",
        "A child price book comes after its parent.",
        f"{_DESCRIPTION}, createPriceBooks",
        _below_known_books,
        scenarios=("initial",),
        grade=Grade.ADVICE,
        why="references are not checked when items come in",
    ),
    Clause(
        "CAT-ITEM-8",
        "A first sync sends the metadata of products before the products.",
        f"{_DESCRIPTION}, createProducts",
        _metadata_first,
        scenarios=("initial",),
        grade=Grade.ADVICE,
        why="products are taken all the same; it is for the search index",
    ),
)
DELETES = (
    Clause(
        "CAT-DEL-5",
        "What was deleted goes to …/delete: no other call says `deleted`.",
        'contract/ingestion-api.md, "Calls"',
        _deletes_apart,
    ),
)
