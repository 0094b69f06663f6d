"""Field-level differences, and the laws they keep."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.canonical import canonical_json
from mcs.harness.fields import ABSENT, Difference, difference

# Beyond 2**53 a number has several spellings of one value, which canonical JSON keeps apart.
SAFE = 2**53
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(-SAFE, SAFE, allow_nan=False)
    | st.text(max_size=5)
)
names = st.text("ab/~0*", max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)


IN_SECOND_IMAGE = ("/images/1/label", "/images/1/url")


@given(item=values)
def test_an_item_does_not_differ_from_itself(item: Any) -> None:
    assert difference(item, item) == []


@given(sent=values, received=values)
def test_the_difference_is_mirrored_when_the_sides_are(sent: Any, received: Any) -> None:
    mirrored = [Difference(d.pointer, d.received, d.sent) for d in difference(received, sent)]

    assert difference(sent, received) == mirrored


@given(sent=values, received=values)
def test_applying_the_difference_makes_the_sides_equal(sent: Any, received: Any) -> None:
    changed = applied(sent, difference(sent, received))

    assert canonical_json(changed) == canonical_json(received)


@given(sent=values, received=values)
def test_items_differ_exactly_if_their_canonical_json_does(sent: Any, received: Any) -> None:
    same = canonical_json(sent) == canonical_json(received)

    assert (difference(sent, received) == []) is same


@given(sent=values, received=values)
def test_ignoring_every_place_found_leaves_no_difference(sent: Any, received: Any) -> None:
    pointers = [found.pointer for found in difference(sent, received)]

    assert difference(sent, received, pointers) == []


@pytest.mark.parametrize(
    ("sent", "received", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, []),
        ({"a": True}, {"a": 1}, [Difference("/a", True, 1)]),
        ({"a": "1"}, {"a": 1}, [Difference("/a", "1", 1)]),
        ({"a": {}}, {"a": []}, [Difference("/a", {}, [])]),
        ([1, 2, 3], [1, 3], [Difference("/1", 2, 3), Difference("/2", 3, ABSENT)]),
        ({"a/b": {"~": 1}}, {"a/b": {"~": 2}}, [Difference("/a~1b/~0", 1, 2)]),
        (1, "1", [Difference("", 1, "1")]),
    ],
    ids=["key-order", "bool", "text", "shape", "list", "escaped", "root"],
)
def test_places_are_named_by_pointer(sent: Any, received: Any, expected: list[Any]) -> None:
    assert difference(sent, received) == expected


def test_null_and_absent_differ_unless_told_otherwise() -> None:
    sent: Any = {"a": None, "b": [None]}
    received: Any = {"b": []}

    assert [found.pointer for found in difference(sent, received)] == ["/a", "/b/0"]
    assert difference(sent, received, null_is_absent=True) == []
    assert difference({"a": None}, {"a": 0}, null_is_absent=True) == [Difference("/a", None, 0)]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("/modifiedAt", ["/images/0/label", "/images/1/label", "/images/1/url"]),
        ("/images/*/label", ["/images/1/url", "/modifiedAt"]),
        ("/images/1", ["/images/0/label", "/modifiedAt"]),
        ("/*/0", [*IN_SECOND_IMAGE, "/modifiedAt"]),
        ("/images/1/url/deeper", ["/images/0/label", *IN_SECOND_IMAGE, "/modifiedAt"]),
    ],
)
def test_ignored_places_do_not_count(pattern: str, left: list[str]) -> None:
    sent = {"modifiedAt": 1, "images": [{"label": "a"}, {"label": "b", "url": "c"}]}
    received = {"modifiedAt": 2, "images": [{"label": "A"}, {"label": "B", "url": "C"}]}

    assert [found.pointer for found in difference(sent, received, [pattern])] == left


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("/**/label", ["/images/1/url", "/modifiedAt"]),
        ("/images/**", ["/modifiedAt"]),
        ("/**/1/**", ["/images/0/label", "/modifiedAt"]),
        ("/**", []),
    ],
)
def test_two_stars_stand_for_any_number_of_steps(pattern: str, left: list[str]) -> None:
    sent = {"modifiedAt": 1, "images": [{"label": "a"}, {"label": "b", "url": "c"}]}
    received = {"modifiedAt": 2, "images": [{"label": "A"}, {"label": "B", "url": "C"}]}

    assert [found.pointer for found in difference(sent, received, [pattern])] == left


@given(items=st.lists(values, max_size=6), data=st.data())
def test_the_order_of_an_order_free_list_does_not_count(items: list[Any], data: Any) -> None:
    shuffled = data.draw(st.permutations(items))

    assert difference({"a": items}, {"a": shuffled}, order_free=["/a"]) == []


@given(sent=st.lists(scalars, max_size=6), received=st.lists(scalars, max_size=6))
def test_an_order_free_list_differs_by_what_has_no_equal(
    sent: list[Any], received: list[Any]
) -> None:
    found = difference(sent, received, order_free=[""])

    texts = [sorted(map(canonical_json, side)) for side in (sent, received)]
    assert (found == []) is (texts[0] == texts[1])
    assert len(found) >= abs(len(sent) - len(received))
    assert difference(received, received, order_free=[""]) == []


def test_what_has_no_equal_in_an_order_free_list_is_paired_by_position() -> None:
    sent = [{"code": "a"}, {"code": "b"}, {"code": "c", "n": 1}]
    received = [{"code": "c", "n": 2}, {"code": "a"}]

    assert difference(sent, received, order_free=[""]) == [
        Difference("/1/code", "b", "c"),
        Difference("/1/n", ABSENT, 2),
        Difference("/2", {"code": "c", "n": 1}, ABSENT),
    ]


def test_elements_of_an_order_free_list_may_differ_in_what_does_not_count() -> None:
    sent = [{"code": "a", "at": 1, "price": 1.001}, {"code": "b", "at": 2}]
    received = [{"code": "b", "at": 3}, {"code": "a", "at": 4, "price": 1}]

    found = difference(sent, received, ["/*/at"], order_free=[""], tolerance={"/*/price": 0.001})

    assert found == []


@pytest.mark.parametrize(
    ("tolerance", "left"),
    [
        ({}, ["/price", "/prices/0", "/weight"]),
        ({"": 0.01}, []),
        ({"/prices": 0.01}, ["/price", "/weight"]),
        ({"/prices/*": 0.005, "/weight": 1}, ["/price"]),
        ({"": 0.01, "/weight": 0.001}, ["/weight"]),
        ({"": 0.0049}, ["/price", "/prices/0", "/weight"]),
    ],
    ids=["none", "everywhere", "below", "by-field", "innermost-counts", "too-little"],
)
def test_numbers_may_be_apart_by_their_tolerance(
    tolerance: dict[str, float], left: list[str]
) -> None:
    sent = {"price": 10.005, "prices": [10.005], "weight": 10.005, "name": "a"}
    received = {"price": 10.01, "prices": [10.01], "weight": 10.01, "name": "a"}

    assert [found.pointer for found in difference(sent, received, tolerance=tolerance)] == left


@pytest.mark.parametrize(("sent", "received"), [(True, 1), ("1", 1), (None, 0), ([], 0)])
def test_a_tolerance_is_for_numbers_alone(sent: Any, received: Any) -> None:
    assert len(difference(sent, received, tolerance={"": 5})) == 1


def test_depth_is_no_limit() -> None:
    sent, received = nested(5000, 1), nested(5000, 2)

    [found] = difference(sent, received)

    assert (found.sent, found.received) == (1, 2)
    assert found.pointer == "/a/0" * 5000


def nested(depth: int, value: Any) -> Any:
    for _ in range(depth):
        value = {"a": [value]}
    return value


def applied(item: Any, differences: list[Difference]) -> Any:
    """The item with each difference's received value put in its place."""
    root = {"": item}
    # Backwards, so that the ends of lists go first and positions stay what they are.
    for found in reversed(differences):
        steps = ["", *(_unescaped(step) for step in found.pointer.split("/")[1:])]
        holder: Any = root
        for step in steps[:-1]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        put(holder, steps[-1], found.received)
    for found in differences:
        grow(root, found)
    return root[""]


def put(holder: Any, step: str, value: Any) -> None:
    if isinstance(holder, dict):
        if value is ABSENT:
            del holder[step]
        else:
            holder[step] = value
    elif value is ABSENT:
        del holder[int(step)]
    elif int(step) < len(holder):
        holder[int(step)] = value


def grow(root: Any, found: Difference) -> None:
    """Appends what a longer list has more, in order."""
    steps = ["", *(_unescaped(step) for step in found.pointer.split("/")[1:])]
    holder = root
    for step in steps[:-1]:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if isinstance(holder, list) and found.sent is ABSENT:
        holder.append(found.received)


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
