"""A list of claims is cut into its elements wherever the chunks end, and nothing more than one element is held."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.service.claim_stream import Element, split_list

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def cut(text: bytes, size: int) -> Iterator[bytes]:
    return (text[begin : begin + size] for begin in range(0, len(text), size))


@given(
    st.lists(VALUES, max_size=8), st.integers(1, 60), st.sampled_from([None, 1]), st.booleans(), st.booleans()
)
def test_every_element_is_found(
    values: list[object], size: int, indent: int | None, ascii_only: bool, mark: bool
) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    text = (b"\xef\xbb\xbf" if mark else b"") + text + b"\n"
    found = list(split_list(cut(text, size)))
    assert [json.loads(element.text) for element in found] == json.loads(json.dumps(values))
    assert not any(element.too_long for element in found)


@given(st.binary(max_size=300), st.integers(1, 40))
def test_nonsense_is_an_error_or_elements(text: bytes, size: int) -> None:
    try:
        for element in split_list(cut(b"[" + text, size)):
            assert isinstance(element, Element)
    except WachtelError as error:
        assert error.what and error.hint


@pytest.mark.parametrize("size", [1, 7, 50, 10_000])
def test_one_that_is_too_long_is_passed_over(size: int) -> None:
    long = {"id": "long", "text": 'x\\"[' * 400}
    text = json.dumps([{"id": "a"}, long, {"id": "b"}]).encode()
    first, second, third = split_list(cut(text, size), longest=100)
    assert (first.text, third.text) == (b'{"id": "a"}', b'{"id": "b"}')
    assert second.too_long and second.text.startswith(b'{"id": "long"') and len(second.text) <= 100


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_limit_is_exact(size: int) -> None:
    fits, longer = (json.dumps({"a": "x" * number}).encode() for number in (91, 92))
    elements = list(split_list(cut(b"[  " + fits + b"  ,\n" + longer + b" ]", size), longest=100))
    assert [(len(element.text), element.too_long) for element in elements] == [(100, False), (100, True)]


def test_a_broken_claim_does_not_spoil_its_neighbours() -> None:
    text = b'[{"id": "a"}, {"id" "b", oops]}, {"id": "c"}]'.replace(b"oops]", b"[oops]")
    assert [element.text[-3:] for element in split_list([text])] == [b'a"}', b"s]}", b'c"}']


@pytest.mark.parametrize(
    "text", [b"", b"  ", b'{"id": "a"}', b"[", b'[{"id": "a"}', b'["a', b"[] []", b"[], 1", b"hello"]
)
def test_what_is_no_list_is_said(text: bytes) -> None:
    with pytest.raises(WachtelError, match=r"list"):
        list(split_list([text]))


def test_blanks_and_a_long_claim_are_never_held() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"["
        for _ in range(200):
            yield b" " * 10_000
        yield b'{"id": "a", "text": "'
        for _ in range(200):
            yield b"y " * 5_000
        yield b'"}' + b" " * 10_000
        yield b"]"

    (element,) = split_list(chunks(), longest=1000)
    assert element.too_long and len(element.text) == 1000
