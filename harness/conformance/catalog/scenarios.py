"""What an exporter of the ingestion API is led through: as one of signed feeds, but for tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from mcs.contract.catalog import CATALOG_FEEDS, TOKEN_LIFE_S
from mcs.harness.conformance.scenarios import (
    RETRY_PAUSE_S,
    SCENARIOS,
    Act,
    Ask,
    Break,
    Pace,
    Pause,
    Revoke,
    Rule,
    Scenario,
)
from mcs.harness.conformance.steps import StepKind

PRODUCTS = ("catalogProducts",)
OF_FEEDS_ALONE = ("rejected-in-200", "over-the-limit", "parallel")
"""Scenarios of what this API does not do, or says nothing about."""


def _of_this_api(scenario: Scenario) -> Scenario:
    feeds = PRODUCTS if len(scenario.feeds) == 1 else tuple(CATALOG_FEEDS)
    return replace(scenario, feeds=feeds, acts=tuple(map(_for_its_products, scenario.acts)))


def _for_its_products(act: Act) -> Act:
    if not isinstance(act, Break):
        return act
    return replace(act, rules=partial(_renamed, act))


def _renamed(act: Break, pace: Pace) -> Sequence[Rule]:
    more = {"skew": {"parameters": {"seconds": 2 * TOKEN_LIFE_S}}}
    # A signature expires within minutes, a token within a day.
    return [
        {**rule, "feed": PRODUCTS[0], **more.get(rule["action"], {})} for rule in act.rules(pace)
    ]


_AFTER = (Pause(RETRY_PAUSE_S), Ask(StepKind.RETRY), Pause(RETRY_PAUSE_S), Ask(StepKind.RECOVER))

_ALL = (
    *(_of_this_api(one) for name, one in SCENARIOS.items() if name not in OF_FEEDS_ALONE),
    Scenario(
        "revoked",
        "Tokens are revoked between two syncs",
        (Ask(StepKind.INITIAL), Revoke(), Ask(StepKind.EDIT), Ask(StepKind.PARTIAL), *_AFTER),
        PRODUCTS,
    ),
    Scenario(
        "aged",
        "More than a token's life passes between two syncs",
        (
            Ask(StepKind.INITIAL),
            Pause(TOKEN_LIFE_S + 3600),
            *(Ask(StepKind.EDIT), Ask(StepKind.PARTIAL)),
            *_AFTER,
        ),
        PRODUCTS,
    ),
)

CATALOG_SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
