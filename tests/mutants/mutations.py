"""What can be wrong with an exporter: the small one, spoilt in one way each, and the one clause
that sees it."""

from dataclasses import dataclass

from mcs.harness.conformance.steps import StepKind
from tests.mutants import wrong_ways as wrong
from tests.mutants.exporter import Kept, Ways


@dataclass(frozen=True, slots=True)
class Mutation:
    """An exporter that does one thing wrong. clause: the id of the one clause that it fails."""

    clause: str
    wrong: str
    ways: Ways


MUTATIONS: tuple[Mutation, ...] = (
    Mutation("AUTH-1", "sends no signature", Ways(headers=wrong.without("x-gw-signature"))),
    Mutation("AUTH-1", "sends no API key", Ways(headers=wrong.without("x-api-key"))),
    Mutation("AUTH-2", "signs with another key", Ways(token=wrong.wrong_key)),
    Mutation("AUTH-3", "signs for an hour", Ways(token=wrong.long_lived)),
    Mutation("AUTH-4", "keeps a token for some minutes", Ways(token=wrong.kept_token)),
    Mutation("WIRE-1", "posts to a route of no feed", Ways(before=wrong.posts_elsewhere)),
    Mutation(
        "WIRE-2", "writes two slashes", Ways(route=lambda feed: feed.route.replace("/", "//", 1))
    ),
    Mutation("WIRE-3", "says text/plain", Ways(headers=wrong.replaced(Content_Type="text/plain"))),
    Mutation("WIRE-4", "says gzip of a plain body", Ways(pack=wrong.falsely_packed)),
    Mutation("WIRE-4", "packs the body twice", Ways(pack=wrong.doubly_packed)),
    Mutation("WIRE-5", "sends empty batches", Ways(before=wrong.posts_nothing)),
    Mutation("WIRE-5", "wraps the items in an object", Ways(text=wrong.wrapped)),
    Mutation(
        "WIRE-6",
        "has one request id for all",
        Ways(headers=wrong.replaced(X_Request_Id="00000000-0000-4000-8000-000000000000")),
    ),
    Mutation("WIRE-7", "sends no request id", Ways(headers=wrong.without("X-Request-Id"))),
    Mutation("WIRE-8", "names another client", Ways(headers=wrong.replaced(User_Agent="client/1"))),
    Mutation(
        "WIRE-9",
        "sends metadata that is no JSON",
        Ways(headers=wrong.replaced(service_connector_metadata="ce, 2.4.8")),
    ),
    Mutation("LIMIT-1", "sends all in one batch", Ways(batch_size=lambda size: 10 * size)),
    Mutation(
        "LIMIT-2",
        "sends a body of 17 MiB",
        Ways(before=wrong.posts_too_much, pack=wrong.unpacked),
    ),
    Mutation(
        "LIMIT-3", "sends an attribute of 1.1 MB", Ways(wire=wrong.on_one_product(wrong.large))
    ),
    Mutation(
        "LIMIT-4",
        "sends three batches at once",
        Ways(threads=wrong.three_at_once),
    ),
    Mutation(
        "ITEM-1", "leaves out deleted", Ways(wire=wrong.on_one_product(wrong.without_deleted))
    ),
    Mutation(
        "ITEM-2",
        "sends a number as a text",
        Ways(wire=wrong.on_one_product(lambda item: {**item, "productId": str(item["productId"])})),
    ),
    Mutation("ITEM-3", "writes times in another format", Ways(time=wrong.american)),
    Mutation("ITEM-4", "lets the time of sending go back", Ways(time=wrong.going_back)),
    Mutation("ITEM-5", "sends local time as UTC", Ways(time=wrong.local_time)),
    Mutation("ITEM-6", "repeats an item in its batch", Ways(batches=wrong.double_in_batch)),
    Mutation(
        "ITEM-7",
        "mixes feeds that share a route",
        Ways(before=wrong.posts_mixed, order=wrong.scopes_first),
    ),
    Mutation("SYNC-1", "resends everything", Ways(due=wrong.resends(StepKind.AGAIN))),
    Mutation("SYNC-1", "sends a batch twice in a sync", Ways(batches=wrong.first_twice)),
    Mutation("SYNC-2", "sends everything for one edit", Ways(due=wrong.resends(StepKind.PARTIAL))),
    Mutation("SYNC-3", "does not sort its lists", Ways(wire=wrong.unsorted_again)),
    Mutation("SYNC-3", "writes the number of the run into items", Ways(wire=wrong.with_run_number)),
    Mutation("SYNC-4", "does not see an edit", Ways(due=wrong.ignores_edits)),
    Mutation("SYNC-5", "gives an edited item another identity", Ways(edit=wrong.renamed)),
    Mutation("SYNC-6", "sends feeds in another order", Ways(order=wrong.other_order)),
    Mutation("SYNC-7", "drops the last batch", Ways(batches=wrong.without_tail)),
    Mutation(
        "SYNC-8",
        "stops at a refused batch and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 400, due=wrong.forgets_unsent),
    ),
    Mutation(
        "SYNC-9",
        "stops at a broken connection and forgets the rest",
        Ways(goes_on=lambda answer: not answer.broken, due=wrong.forgets_unsent),
    ),
    Mutation(
        "SYNC-9",
        "stops when the service is down and forgets the rest",
        Ways(goes_on=lambda answer: answer.status != 503, due=wrong.forgets_unsent),
    ),
    Mutation("DEL-1", "sends no deletes", Ways(delete_due=wrong.no_one)),
    Mutation("DEL-2", "sends deletes with the whole item", Ways(delete=wrong.whole)),
    Mutation("DEL-3", "repeats deletes", Ways(delete_due=wrong.deletes_again)),
    Mutation(
        "DEL-4",
        "forgets deletes that failed",
        Ways(keep=wrong.keeps(lambda answer, named, others, known: known.deleted, Kept.SENT)),
    ),
    Mutation("RETRY-1", "gives up on 5xx", wrong.takes(500, 502, 504)),
    Mutation(
        "RETRY-2",
        "gives up on 429",
        Ways(
            wait=lambda _: None,
            keep=wrong.takes(429).keep,
            goes_on=lambda answer: answer.status != 429,
        ),
    ),
    Mutation("RETRY-3", "gives up on 401", wrong.takes(401)),
    Mutation("RETRY-3", "gives up on 403", wrong.takes(403)),
    Mutation("RETRY-3", "gives up on 404", wrong.takes(404)),
    Mutation("RETRY-3", "gives up on 413", wrong.takes(413)),
    Mutation("RETRY-4", "ignores Retry-After", Ways(wait=wrong.at_once)),
    Mutation("RETRY-5", "hammers a service that is down", Ways(wait=wrong.hammering)),
    Mutation("RETRY-5", "waits less and less", Ways(wait=wrong.Hurried())),
    Mutation("RETRY-6", "takes 202 for success", wrong.takes(202)),
    Mutation(
        "RETRY-7",
        "gives up after a few tries",
        Ways(
            keep=wrong.keeps(
                lambda _, __, ___, known: known.failures >= wrong.FEW_TRIES, Kept.FINAL
            )
        ),
    ),
    Mutation("RETRY-8", "sends old bodies after newer ones", Ways(before=wrong.replays)),
    Mutation(
        "REFUSE-1",
        "sends refused items again",
        Ways(due=wrong.resends_if(lambda known: known.kept is Kept.FINAL and known.named)),
    ),
    Mutation("REFUSE-2", "never sends a refused item again", Ways(due=wrong.never_corrects)),
    Mutation(
        "REFUSE-3",
        "sends the unnamed items of a 400 again",
        Ways(
            keep=wrong.keeps(
                lambda a, named, others, _: a.status == 400 and others and not named, Kept.DUE
            )
        ),
    ),
    Mutation(
        "REFUSE-4",
        "sends the unnamed items of a 200 again",
        Ways(
            keep=wrong.keeps(
                lambda a, named, others, _: a.status == 200 and others and not named, Kept.DUE
            )
        ),
    ),
    Mutation(
        "REFUSE-5",
        "takes items_limit_exceeded for final",
        Ways(
            keep=wrong.keeps(lambda _, named, __, ___: named == "items_limit_exceeded", Kept.FINAL)
        ),
    ),
    Mutation(
        "REFUSE-6",
        "sends a batch again that was answered 400",
        Ways(keep=wrong.keeps(lambda a, _, others, __: a.status == 400 and not others, Kept.DUE)),
    ),
    Mutation(
        "REFUSE-6",
        "repeats a batch at once that was answered 400",
        Ways(wait=wrong.at_once_if_turned_down),
    ),
    Mutation(
        "CONN-1",
        "takes a timeout for success",
        wrong.takes_broken(lambda answer: answer.broken == "timeout", wrong.IMPATIENT_S),
    ),
    Mutation(
        "CONN-2",
        "does not wait for the whole of a slow answer",
        Ways(read=lambda response: response.read1()),
    ),
    Mutation(
        "CONN-3",
        "takes a body that is no JSON for failure",
        Ways(
            keep=wrong.keeps(lambda a, *_: a.status == 200 and not wrong.is_json(a.body), Kept.DUE)
        ),
    ),
    Mutation(
        "CONN-4",
        "takes a reset for success",
        wrong.takes_broken(lambda answer: answer.broken == "reset"),
    ),
    Mutation(
        "CONN-5",
        "takes a closed connection for success",
        wrong.takes_broken(lambda answer: answer.broken == "closed"),
    ),
    Mutation(
        "CONN-6",
        "takes headers alone for success",
        wrong.takes_broken(lambda answer: answer.broken == "headers alone"),
    ),
    Mutation(
        "CONN-7",
        "takes less than was promised for success",
        wrong.takes_broken(
            lambda answer: answer.broken == "truncated" and wrong.is_json(answer.body)
        ),
    ),
    Mutation(
        "SECRET-1",
        "writes the API key into items",
        Ways(wire=wrong.with_secret(wrong.header_of_key)),
    ),
    Mutation(
        "SECRET-1",
        "writes a token into items",
        Ways(wire=wrong.with_secret(lambda _: wrong.SOME_TOKEN)),
    ),
    Mutation(
        "SECRET-2",
        "writes a token into another header",
        Ways(headers=wrong.telling_all),
    ),
)
