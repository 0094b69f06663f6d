"""What can be wrong with an exporter of the ingestion API: the small one, spoilt in one way each,
and the one clause that sees it."""

from dataclasses import dataclass

from mcs.harness.conformance.steps import StepKind
from tests.mutants import catalog_exporter as sound
from tests.mutants import catalog_wrong_ways as wrong
from tests.mutants import wrong_ways as common
from tests.mutants.catalog_exporter import PRODUCTS, Ways
from tests.mutants.exporter import Kept


@dataclass(frozen=True, slots=True)
class CatalogMutation:
    """An exporter that does one thing wrong. clause: the id of the one clause that it fails."""

    clause: str
    wrong: str
    ways: Ways


CATALOG_MUTATIONS: tuple[CatalogMutation, ...] = (
    CatalogMutation("CAT-TOKEN-1", "sends no token", Ways(headers=common.without("Authorization"))),
    CatalogMutation(
        "CAT-TOKEN-1",
        "sends a name and a password",
        Ways(headers=common.replaced(Authorization="Basic Yjpj")),
    ),
    CatalogMutation(
        "CAT-TOKEN-2",
        "makes its token up",
        Ways(headers=common.replaced(Authorization=wrong.SOME_TOKEN)),
    ),
    CatalogMutation(
        "CAT-TOKEN-2", "asks for a token without the scope", Ways(token=wrong.without_the_scope)
    ),
    CatalogMutation("CAT-TOKEN-3", "asks for a token per call", Ways(token=wrong.one_per_call)),
    CatalogMutation(
        "CAT-TOKEN-4", "keeps a token that was refused", Ways(keeps_token=lambda _: True)
    ),
    CatalogMutation(
        "CAT-TOKEN-5", "keeps a token until it is refused", Ways(token=wrong.kept_for_ever)
    ),
    CatalogMutation(
        "CAT-CALL-1",
        "calls what is no resource",
        Ways(before=wrong.calls(PRODUCTS, "POST", "/stock")),
    ),
    CatalogMutation("CAT-CALL-1", "puts products", Ways(before=wrong.calls(PRODUCTS, "PUT", ""))),
    CatalogMutation(
        "CAT-CALL-1",
        "deletes by the method DELETE, too",
        Ways(before=wrong.calls(PRODUCTS, "DELETE", "")),
    ),
    CatalogMutation(
        "CAT-CALL-2", "says text/plain", Ways(headers=common.replaced(Content_Type="text/plain"))
    ),
    CatalogMutation("CAT-CALL-3", "says gzip of a plain body", Ways(pack=common.falsely_packed)),
    CatalogMutation("CAT-CALL-3", "packs the body twice", Ways(pack=common.doubly_packed)),
    CatalogMutation("CAT-CALL-4", "wraps the items in an object", Ways(text=wrong.wrapped)),
    CatalogMutation("CAT-LIMIT-1", "sends all in one batch", Ways(batch_size=wrong.in_one_batch)),
    CatalogMutation(
        "CAT-LIMIT-2",
        "sends a body of 17 MiB",
        Ways(before=wrong.sends_too_much, pack=wrong.unpacked),
    ),
    CatalogMutation(
        "CAT-LIMIT-3", "sends a product of 210 kB", Ways(wire=wrong.on_one(PRODUCTS, wrong.large))
    ),
    CatalogMutation(
        "CAT-LIMIT-4",
        "sends a price with eleven discounts",
        Ways(wire=wrong.on_one(wrong.PRICES, wrong.with_many_discounts)),
    ),
    CatalogMutation("CAT-LIMIT-5", "makes 301 calls at once", Ways(before=wrong.calls_too_often)),
    CatalogMutation(
        "CAT-ITEM-1", "leaves out a slug", Ways(wire=wrong.on_one(PRODUCTS, wrong.without_slug))
    ),
    CatalogMutation(
        "CAT-ITEM-1",
        "sends a number as a text",
        Ways(
            wire=wrong.on_one(wrong.PRICES, lambda item: {**item, "regular": str(item["regular"])})
        ),
    ),
    CatalogMutation(
        "CAT-ITEM-2",
        "sends a price below zero",
        Ways(wire=wrong.on_one(wrong.PRICES, lambda item: {**item, "regular": -1.0})),
    ),
    CatalogMutation(
        "CAT-ITEM-2",
        "sends a field that there is not",
        Ways(wire=wrong.on_one(PRODUCTS, lambda item: {**item, "weight": 1})),
    ),
    CatalogMutation(
        "CAT-ITEM-3", "repeats an item in its batch", Ways(batches=wrong.double_in_batch)
    ),
    CatalogMutation(
        "CAT-ITEM-4",
        "updates what was never created",
        Ways(before=wrong.sends(wrong.METADATA, wrong.WEIGHT, sound.UPDATE)),
    ),
    CatalogMutation("CAT-ITEM-5", "moves a price book elsewhere", Ways(before=wrong.moves_a_book)),
    CatalogMutation(
        "CAT-ITEM-6", "sends prices before price books", Ways(order=wrong.in_order(wrong.PRICES))
    ),
    CatalogMutation(
        "CAT-ITEM-6",
        "sends a price for a book of nobody",
        Ways(before=wrong.sends(wrong.PRICES, wrong.OF_NOBODY)),
    ),
    CatalogMutation(
        "CAT-ITEM-7", "sends a child before its parent", Ways(batches=wrong.children_first)
    ),
    CatalogMutation(
        "CAT-ITEM-8", "sends products before metadata", Ways(order=wrong.in_order(PRODUCTS))
    ),
    CatalogMutation(
        "CAT-SYNC-1",
        "resends everything",
        Ways(due=wrong.resends(StepKind.AGAIN), update=wrong.whole_again),
    ),
    CatalogMutation(
        "CAT-SYNC-1", "sends a batch twice in a sync", Ways(batches=common.first_twice)
    ),
    CatalogMutation(
        "CAT-SYNC-2",
        "sends everything for one edit",
        Ways(due=wrong.resends(StepKind.PARTIAL), update=wrong.whole_again),
    ),
    CatalogMutation("CAT-SYNC-3", "does not sort its lists", Ways(wire=wrong.unsorted_again)),
    CatalogMutation("CAT-SYNC-4", "does not see an edit", Ways(due=wrong.ignores_edits)),
    CatalogMutation(
        "CAT-SYNC-5", "gives an edited item another identity", Ways(edit=wrong.renamed)
    ),
    CatalogMutation("CAT-SYNC-6", "drops the last batch", Ways(batches=common.without_tail)),
    CatalogMutation(
        "CAT-SYNC-7",
        "stops at a refused batch and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 400, due=wrong.forgets_unsent),
    ),
    CatalogMutation(
        "CAT-SYNC-8",
        "stops at a broken connection and forgets the rest",
        Ways(goes_on=lambda answer: not answer.broken, due=wrong.forgets_unsent),
    ),
    CatalogMutation(
        "CAT-SYNC-8",
        "stops when the service is down and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 503, due=wrong.forgets_unsent),
    ),
    CatalogMutation("CAT-DEL-1", "sends no deletes", Ways(delete_due=wrong.no_one)),
    CatalogMutation("CAT-DEL-2", "sends deletes with the whole item", Ways(delete=wrong.whole)),
    CatalogMutation("CAT-DEL-3", "repeats deletes", Ways(delete_due=wrong.deletes_again)),
    CatalogMutation(
        "CAT-DEL-4",
        "forgets deletes that failed",
        Ways(keep=wrong.keeps(lambda answer, named, others, known: known.deleted, Kept.SENT)),
    ),
    CatalogMutation(
        "CAT-DEL-5",
        "says deleted in an item that it creates",
        Ways(
            before=wrong.sends(
                wrong.METADATA, {**wrong.WEIGHT, "dataType": "TEXT", "deleted": True}
            )
        ),
    ),
    CatalogMutation("CAT-RETRY-1", "gives up on 502", wrong.takes(502)),
    CatalogMutation(
        "CAT-RETRY-2",
        "gives up on 429",
        Ways(
            wait=lambda _: None,
            keep=wrong.takes(429).keep,
            goes_on=lambda answer: answer.status != 429,
        ),
    ),
    CatalogMutation("CAT-RETRY-3", "gives up on 403", wrong.takes(403)),
    CatalogMutation("CAT-RETRY-3", "gives up on 404", wrong.takes(404)),
    CatalogMutation("CAT-RETRY-3", "gives up on 413", wrong.takes(413)),
    CatalogMutation("CAT-RETRY-4", "ignores Retry-After", Ways(wait=common.at_once)),
    CatalogMutation("CAT-RETRY-5", "hammers a service that is down", Ways(wait=common.hammering)),
    CatalogMutation("CAT-RETRY-5", "waits less and less", Ways(wait=common.Hurried())),
    CatalogMutation("CAT-RETRY-6", "takes 202 for success", wrong.takes(202)),
    CatalogMutation(
        "CAT-RETRY-7",
        "gives up after a few tries",
        Ways(
            keep=wrong.keeps(
                lambda _, __, ___, known: known.failures >= common.FEW_TRIES, Kept.FINAL
            )
        ),
    ),
    CatalogMutation("CAT-RETRY-8", "sends old bodies after newer ones", Ways(before=wrong.replays)),
    CatalogMutation(
        "CAT-RETRY-9", "repeats at once what is not found", Ways(wait=wrong.at_once_if_turned_away)
    ),
    CatalogMutation("CAT-REFUSE-1", "sends refused items again", Ways(due=wrong.resends_refused)),
    CatalogMutation(
        "CAT-REFUSE-2", "never sends a refused item again", Ways(due=wrong.never_corrects)
    ),
    CatalogMutation(
        "CAT-REFUSE-3",
        "takes the unnamed items of a 400 for sent",
        Ways(keep=wrong.keeps(lambda a, named, others, _: others and not named, Kept.SENT)),
    ),
    CatalogMutation(
        "CAT-CONN-1",
        "takes a timeout for success",
        wrong.takes_broken(lambda answer: answer.broken == "timeout", common.IMPATIENT_S),
    ),
    CatalogMutation(
        "CAT-CONN-2",
        "does not wait for the whole of a slow answer",
        Ways(read=lambda response: response.read1()),
    ),
    CatalogMutation(
        "CAT-CONN-3",
        "takes a body that is no JSON for failure",
        Ways(
            keep=wrong.keeps(lambda a, *_: a.status == 200 and not common.is_json(a.body), Kept.DUE)
        ),
    ),
    CatalogMutation(
        "CAT-CONN-4",
        "takes a reset for success",
        wrong.takes_broken(lambda answer: answer.broken == "reset"),
    ),
    CatalogMutation(
        "CAT-CONN-5",
        "takes a closed connection for success",
        wrong.takes_broken(lambda answer: answer.broken == "closed"),
    ),
    CatalogMutation(
        "CAT-CONN-6",
        "takes headers alone for success",
        wrong.takes_broken(lambda answer: answer.broken == "headers alone"),
    ),
    CatalogMutation(
        "CAT-CONN-7",
        "takes less than was promised for success",
        wrong.takes_broken(
            lambda answer: answer.broken == "truncated" and common.is_json(answer.body)
        ),
    ),
    CatalogMutation("CAT-SECRET-1", "writes its secret into items", Ways(wire=wrong.with_secret)),
    CatalogMutation(
        "CAT-SECRET-2", "writes its token into another header", Ways(headers=wrong.telling_all)
    ),
)
