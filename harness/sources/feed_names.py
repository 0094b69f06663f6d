"""Which feed a file is of, by its name. Pure."""

import re

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.sources.feed_rows import feed_of_table

_SUFFIXES = re.compile(r"(\.(gz|json|ndjson|jsonl|csv|tsv|sql|txt|dump))+$")
_BY_NAME = {
    re.sub("[^a-z]", "", name.lower()): feed
    for feed in ALL_FEEDS.values()
    for name in feed.cli_names
}


def feed_named_by(file_name: str) -> Feed | None:
    """The feed that a file is called after: its table, its name, or its name among other words.

    >>> [feed_named_by(name).name for name in
    ...  ("cde_product_prices_feed.csv.gz", "category-permissions.json", "shop1.prices.ndjson")]
    ['prices', 'categoryPermissions', 'prices']
    >>> feed_named_by("dump.csv") is None
    True
    """
    stem = _SUFFIXES.sub("", file_name.lower())
    feed = feed_of_table(stem) or _BY_NAME.get(re.sub("[^a-z]", "", stem))
    words = re.split("[^a-z]+", stem)
    # Of several words the longest run that names a feed counts, so that `product-overrides` wins
    # over what one of its words would say.
    for length in range(len(words) - 1, 0, -1):
        if feed:
            break
        runs = ("".join(words[at : at + length]) for at in range(len(words) - length + 1))
        feed = next((_BY_NAME[run] for run in runs if run in _BY_NAME), None)
    return feed
