"""The law of slices: they are the elements, and they are the text."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mcs.server.store.slices import cut, slices

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
LAYOUTS = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "indent": st.sampled_from([None, 0, 2, "\t"]),
        "separators": st.sampled_from([(",", ":"), (" ,\r\n", " :\t")]),
    }
)


@given(values=st.lists(JSON_VALUES, max_size=6), layout=LAYOUTS)
def test_slices_are_the_elements_as_they_are_written(
    values: list[Any], layout: dict[str, Any]
) -> None:
    body = f" \n{json.dumps(values, **layout)}\t"

    texts = list(slices(body))

    assert [json.loads(text) for text in texts] == json.loads(body)
    assert all(text in body and text == text.strip() for text in texts)


@given(values=st.lists(JSON_VALUES, min_size=1, max_size=6), data=st.data())
def test_cut_gives_the_wanted_slices_alone(values: list[Any], data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.integers(0, len(values) - 1)))
    body = json.dumps(values).encode("utf-8", "surrogatepass")

    found = cut(body, wanted)

    assert found == {index: json.dumps(values[index]) for index in wanted}


def test_number_of_any_length_is_cut_out_as_it_is() -> None:
    long = "1" * 5_000

    assert list(slices(f"[{long}, 1E400]")) == [long, "1E400"]
