"""What is known of the closed service, how surely, and which setting stands in for the rest.

Sources: contract/wire.md and contract/unknown.md. The reference pages and the OpenAPI document show
these entries, so that a user knows what a passed test is worth.
"""

from dataclasses import dataclass

from mcs.contract.feeds import Certainty


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about the service. setting: the data space setting that changes it here."""

    topic: str
    statement: str
    certainty: Certainty
    setting: str | None = None


FACTS: tuple[Fact, ...] = (
    Fact(
        "Request",
        "A batch is a POST of a JSON array to /<route>/<data space id>, gzipped or plain.",
        Certainty.SOURCE,
    ),
    Fact(
        "Request",
        "x-api-key names the caller; x-gw-signature is a bare RS256 JWT of which only the "
        "signature and exp count.",
        Certainty.SOURCE,
    ),
    Fact(
        "Request",
        "Which further headers the gateway insists on: none, since a small public client sends "
        "no others.",
        Certainty.ASSUMED,
    ),
    Fact(
        "Answer", "Success is exactly 200; any other 2xx makes an exporter retry.", Certainty.SOURCE
    ),
    Fact(
        "Request",
        "Exporters may authenticate with an IMS bearer token instead of a signature; this service "
        "does not take one yet.",
        Certainty.SOURCE,
    ),
    Fact(
        "Answer",
        "The body counts the items received and lists the refused ones in invalidFeedItems, in "
        "either of two shapes.",
        Certainty.SOURCE,
        "error_shape",
    ),
    Fact(
        "Answer",
        "A batch with refused items is answered with 400.",
        Certainty.ASSUMED,
        "partial_failure",
    ),
    Fact(
        "Answer",
        "The good items of a partly refused batch are kept.",
        Certainty.ASSUMED,
        "keep_valid_items",
    ),
    Fact(
        "Validation",
        "Only the identity and `deleted` are demanded. Numbers in quotes, numbers for texts, 0 and "
        "1 for booleans, nulls, an empty text for a record, times of either format with or without "
        "a zone, and unknown fields are borne.",
        Certainty.ASSUMED,
        "mode",
    ),
    Fact(
        "Validation",
        "Values of another type, closed enumerations violated and times that are none are refused.",
        Certainty.ASSUMED,
        "mode",
    ),
    Fact(
        "Refusals",
        'The message "JWT is invalid" marks a refused signature, "Client ID is invalid" an unknown '
        "key; nothing else of those bodies is known, nor are the statuses 401 and 403.",
        Certainty.SOURCE,
    ),
    Fact(
        "Limits",
        "No limit on items is enforced: exporters keep to 100 (prices 500), and a refusal with "
        "items_limit_exceeded was seen in a test, but small clients send more at once.",
        Certainty.ASSUMED,
        "items_limit",
    ),
    Fact(
        "Limits",
        "Too many requests are answered with 429; from how many on is unknown: no limit.",
        Certainty.ASSUMED,
        "requests_per_minute",
    ),
    Fact(
        "Limits",
        "A body over 16 MiB, or 128 MiB unpacked, is answered with 413.",
        Certainty.ASSUMED,
    ),
    Fact(
        "Routes",
        "The route of variants is not public: any that ends in variants or product-variants is "
        "taken.",
        Certainty.ASSUMED,
        "routes",
    ),
    Fact(
        "Identity",
        "A category is named by categoryId and storeViewCode: newer exporters hash urlPath "
        "instead, but their deletes do not carry it.",
        Certainty.ASSUMED,
    ),
    Fact(
        "Ingestion API",
        "Clients show a bearer token of the token service, good for 24 h. Without one the answer "
        "is 403 with error code 403010, with a bad or old one 401 with 401013.",
        Certainty.SOURCE,
    ),
    Fact(
        "Ingestion API",
        "A token's answer has access_token, token_type and expires_in, and no other field: a "
        "client refuses more.",
        Certainty.SOURCE,
    ),
    Fact(
        "Ingestion API",
        "A good batch is answered 200 with status and acceptedCount alone, the number of items "
        "sent; one bad item fails the request with 400.",
        Certainty.SOURCE,
    ),
    Fact(
        "Ingestion API",
        "Items are checked against the description to the letter; limits that stand in its prose "
        "only are warnings, which strict mode refuses.",
        Certainty.ASSUMED,
        "mode",
    ),
    Fact(
        "Ingestion API",
        "Beyond 300 requests a minute the answer is 429, in HTML, with retry-after in seconds.",
        Certainty.DOCS,
        "catalog_requests_per_minute",
    ),
    Fact(
        "Ingestion API",
        "References are not checked when items come in; the service shows them as findings.",
        Certainty.SOURCE,
    ),
    Fact(
        "Ingestion API",
        "An update merges objects and replaces lists; lists of products and prices are matched "
        "entry by entry, and an empty one empties. It has no effect on what does not exist.",
        Certainty.ASSUMED,
    ),
    Fact(
        "Ingestion API",
        "A price book's parent stays what it is while the book lives; a base book stays a base. "
        "Whoever writes another is accepted.",
        Certainty.DOCS,
    ),
    Fact(
        "Ingestion API",
        "With a price book go its children and all their prices, with a category those below it; "
        "created again within a week it brings them back.",
        Certainty.DOCS,
    ),
    Fact(
        "Ingestion API",
        "What the token service says of bad credentials, and the answers to a foreign token, a "
        "missing scope and an unknown tenant.",
        Certainty.ASSUMED,
    ),
)
