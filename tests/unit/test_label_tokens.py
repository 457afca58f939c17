"""Codes on labels: unpredictable, alike, and wrong ones are seen."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from immunosep.errors import CodeError
from immunosep.randomisation.random_stream import seeded_draw
from immunosep.randomisation.tokens import SIGNS, draw_tokens, read_token, spaced

TOKENS = draw_tokens(500, draw=seeded_draw(bytes(16), "tokens"))


def test_tokens_are_all_different_and_equally_long():
    assert len(set(TOKENS)) == 500
    assert {len(token) for token in TOKENS} == {8}


def test_tokens_have_no_sign_that_looks_like_another_and_no_vowel():
    assert set("".join(TOKENS)) <= set(SIGNS)
    assert not set(SIGNS) & set("0O1IL2Z5S8BUAE")


def test_tokens_have_the_check_sign_of_the_standard():
    assert all(mod_37_36.is_valid(token) for token in TOKENS)


def test_tokens_are_not_in_order():
    rising = sum(one < other for one, other in pairwise(TOKENS))
    assert 200 < rising < 300


def test_tokens_that_are_taken_are_not_drawn_again():
    taken = frozenset(TOKENS[:3])
    others = draw_tokens(3, draw=seeded_draw(bytes(16), "tokens"), taken=taken)
    assert others == TOKENS[3:6]


def test_a_token_drawn_twice_comes_once():
    numbers = iter([0] * 7 + [0] * 7 + [1, *[0] * 6] + [2, *[0] * 6] + [3, *[0] * 6] * 3)
    assert len(set(draw_tokens(2, draw=lambda _: next(numbers)))) == 2


def test_a_token_is_read_as_people_type_it():
    shown = spaced(TOKENS[0])
    assert shown == f"{TOKENS[0][:4]}-{TOKENS[0][4:]}"
    assert read_token(f" {shown.lower().replace('-', ' - ')} ") == TOKENS[0]


@given(st.sampled_from(TOKENS), st.integers(0, 7), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_seen(token, at, sign):
    if token[at] != sign:
        with pytest.raises(CodeError, match="a sign is wrong"):
            read_token(token[:at] + sign + token[at + 1 :])


@given(st.sampled_from(TOKENS), st.integers(0, 6))
def test_two_neighbours_exchanged_are_seen(token, at):
    exchanged = token[:at] + token[at + 1] + token[at] + token[at + 2 :]
    if exchanged != token:
        with pytest.raises(CodeError, match="a sign is wrong"):
            read_token(exchanged)


@pytest.mark.parametrize("body", ["AEIOU01", "3333", "33333333333"])
def test_a_code_of_another_kind_is_refused(body):
    with pytest.raises(CodeError, match="has 8 signs out of"):
        read_token(body + mod_37_36.calc_check_digit(body))


@pytest.mark.parametrize("text", ["", "ü", "3333-3333-"])
def test_what_is_no_code_is_refused_without_repeating_it(text):
    with pytest.raises(CodeError, match="is not a code of a label"):
        read_token(text)
