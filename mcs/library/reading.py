"""A support case out of its YAML; docs/case-library.md tells how one is written. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mcs.contract.feeds import SEED_FEEDS
from mcs.harness.yaml_part import Part, parsed_part
from mcs.library.case import Case, Fact, Step, feeds_named
from mcs.library.facts import FACTS, NAMING
from mcs.library.values import ALL, FEED_NAMES, WHOLE, Argument, Misfit, arguments, value
from mcs.library.verbs import SEE, VERBS

A_CASE = "a support case"
KEYS = (
    "title",
    "symptom",
    "cause",
    "evidence",
    "catalog",
    "feeds",
    "settings",
    "steps",
    "seen",
    "look_at",
    "fix",
    "fix_steps",
    "healed",
)
CATALOG = {"seed": Argument(WHOLE, default=42), "products": Argument(WHOLE, required=True)}
NOTE = "note"
ONE_VERB = "expected one verb{also}, got {found}. Verbs: {verbs}."
UNKNOWN_FACT = '"{name}" is nothing that can be seen. Take of: {facts}.'
NO_CAUSE = "nothing here names the cause. Take one of: {naming}."


def read_case(text: str, name: str) -> Case:
    """The case in a YAML text. name: what it and messages are called by.

    Raises UsageError with the line, and the step, of what is wrong.
    """
    top = parsed_part(text, name, A_CASE, ", ".join(KEYS))
    top.refuse_unknown(KEYS)
    catalog = _read(top, "catalog", CATALOG)
    seen = _facts(top, "seen")
    if not any(fact.name in NAMING for fact in _all_facts(top, seen)):
        raise top.wrong("seen", NO_CAUSE.format(naming=", ".join(NAMING)))
    return Case(
        name=name,
        title=top.text("title").strip(),
        symptom=top.text("symptom").strip(),
        cause=top.text("cause").strip(),
        evidence=_texts(top, "evidence"),
        seed=catalog["seed"],
        products=catalog["products"],
        feeds=_feeds(top),
        settings=top.mapping("settings"),
        steps=list(_steps(top, "steps")),
        seen=seen,
        look_at=_texts(top, "look_at"),
        fix=top.text("fix").strip(),
        fix_steps=list(_steps(top, "fix_steps")),
        healed=_facts(top, "healed") if "healed" in top.values else (),
    )


def _all_facts(top: Part, seen: list[Fact]) -> Iterator[Fact]:
    yield from seen
    for step in _steps(top, "steps"):
        if step.verb == SEE:
            yield from step.values["facts"]


def _feeds(top: Part) -> Any:
    try:
        names = value(top.plain("feeds") if "feeds" in top.values else ALL, FEED_NAMES, "feeds")
    except Misfit as error:
        raise top.wrong("feeds", error.what) from None
    return feeds_named(names) if names else SEED_FEEDS


def _read(part: Part, key: str, table: Mapping[str, Argument]) -> dict[str, Any]:
    try:
        return arguments(part.plain(key) if key in part.values else None, table, key)
    except Misfit as error:
        raise part.wrong(key, error.what) from None


def _texts(top: Part, key: str) -> list[str]:
    found = top.plain(key) if key in top.values else []
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise top.misfit(key, "a list of texts")
    return [one.strip() for one in found]


def _steps(top: Part, key: str) -> Iterator[Step]:
    for part in top.parts(key, "step", "a mapping with a verb"):
        yield _step(part)


def _step(part: Part) -> Step:
    named = [key for key in part.values if key != NOTE]
    note = part.text(NOTE).strip() if NOTE in part.values else ""
    if len(named) != 1 or named[0] not in VERBS:
        found = ", ".join(map(str, named)) or "none"
        also = "" if NOTE in part.values else " (beside a note)"
        known = ", ".join(VERBS)
        raise part.wrong(
            named[0] if named else NOTE, ONE_VERB.format(also=also, found=found, verbs=known)
        )
    [name] = named
    verb = VERBS[name]
    if name == SEE:
        return Step(name, {"facts": _facts(part, name)}, note, part.place_of(name))
    try:
        values = arguments(part.plain(name), verb.arguments, name, verb.short)
    except Misfit as error:
        raise part.wrong(name, error.what) from None
    return Step(name, values, note, part.place_of(name))


def _facts(part: Part, key: str) -> list[Fact]:
    if not part.values.get(key):
        raise part.misfit(key, f"a mapping with some of: {', '.join(FACTS)}")
    inner = part.inner(key)
    return [_fact(inner, name) for name in inner.values]


def _fact(part: Part, name: str) -> Fact:
    if name not in FACTS:
        raise part.wrong(name, UNKNOWN_FACT.format(name=name, facts=", ".join(FACTS)))
    try:
        return Fact(name, FACTS[name].read(part.plain(name)), part.place_of(name))
    except Misfit as error:
        raise part.wrong(name, error.what) from None
