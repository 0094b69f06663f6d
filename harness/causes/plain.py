"""The words for causes where nothing shows that Commerce exports: plain items, others' requests.

There are no feed table and no settings that could be quoted, and how such an exporter sends again
is its own affair.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """The templates of a rule, see `Rule`. sentence: None if the rule's own fits any exporter."""

    sentence: str | None
    next_step: str


LOOK_FOR_THE_BATCH = (
    "Look for a batch that was not sent, such as the last one, or for one whose error answer the "
    "exporter passed over"
)
PLAIN: Mapping[str, Words] = {
    "refusal_unnoticed": Words(
        "It is among the items sent{noted}, yet the service refused it: {reasons}",
        "Correct the item and send it again; have the exporter read the answer's invalidFeedItems.",
    ),
    "deleted_after": Words(
        "It is among the items sent, yet the service holds it deleted{since}: a deletion came "
        "after it.",
        "Find what sent that deletion, then send the item again.",
    ),
    "revived": Words(
        "Its deletion was sent and the service recorded that, then another write over it at "
        "{received_at} ({received_request}), and holds it alive.",
        "Find what sent that request, then send the deletion again.",
    ),
    "deletion_lost": Words(
        "Its deletion is among the items sent{noted}, yet the service holds it alive.",
        "Look for a deletion that was not sent, or whose error answer the exporter passed over, "
        "then send it again.",
    ),
    "overwritten_by_older": Words(
        "The service had the sent content, then recorded an older one over it at {received_at} "
        "({received_request}): modified at {received_modified_at}, before what was sent "
        "({sent_modified_at}).",
        "Look for requests that overtake each other, such as retries, then send the item again.",
    ),
    "lost": Words(
        "It is among the items sent{noted}, yet the service {lack}.",
        f"{LOOK_FOR_THE_BATCH}, then send the item again.",
    ),
    "overwritten": Words(
        "The service had the sent content, then recorded another one over it at {received_at} "
        "({received_request}).",
        "Find what sent that request, then send the item again.",
    ),
    "unknown_to_exporter": Words(
        "The service holds it{since}, yet it is not among the items sent.",
        "Look for what else sends to this data space, for a deletion that was not sent, or for "
        "what the list of items leaves out.",
    ),
    "wrong_data_space": Words(
        "What was sent is alive in data space {data_space}, and not in this one.",
        "Correct the data space id that the exporter sends to, then send the feed anew.",
    ),
    "wrong_scope": Words(
        "The content that was sent is alive under another store view, website or customer "
        "group{scope}, and not under its own.",
        "Look at how the exporter chooses scopes, then send it again.",
    ),
    "sent_again_unchanged": Words(
        "{resends} of the {versions} writes the service recorded repeated the content before them, "
        "the last write in {received_request}: the exporter sends what did not change, or an "
        "answer never reached it.",
        "Look for lists in random order, a repeated sync of everything, or connections that were "
        "cut. It is harmless but for the traffic.",
    ),
    "too_many_items": Words(
        None, "Have the exporter send fewer items in a request, then send it again."
    ),
    "throttled": Words(
        None,
        "Have the exporter send less at once, and wait as long as the answer's Retry-After says "
        "before it sends again.",
    ),
    "data_space_switched": Words(
        "It is among the items sent{noted}, yet the service never recorded it, nor anything else "
        "of this feed, and knows nothing of that request: it went to another data space, or this "
        "one was emptied since.",
        "If this data space is the right one, send the feed anew.",
    ),
    "never_arrived": Words(
        None, "Check the data space id and the URL that the exporter sends to, then send it again."
    ),
    "late": Words(
        "It is in order, but was received {latency} after it was modified ({sent_modified_at}, "
        "received {received_at} in {received_request}).",
        "Look at how often the exporter sends, and at its backlog.",
    ),
}
"""By the name of the rule; the other rules' own words fit any exporter."""
