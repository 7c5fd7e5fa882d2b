"""A prompt, and what the versions of Claude Code make of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tmuxagents.kinds import prompts

given_texts = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\t\n <>/\u200b\ufeff\u0301e"), max_size=60
)

words = st.text(st.characters(categories=["L", "N", "P"]) | st.sampled_from(" \t\n"), max_size=40)


def wrapped(text: str) -> str:
    """As 2.1.330's hook and transcript show a long or many-lined paste."""
    return f'\n\n<pasted_content id="0f31">\n{text}\n</pasted_content id="0f31">\n'


def stripped_wrapped(text: str) -> str:
    """As 2.1.330 sends it to the model."""
    return wrapped(text).strip()


def untabbed(text: str) -> str:
    """As both versions take a pasted tab."""
    return text.replace("\t", "    ")


def shaped(text: str) -> str:
    """As 2.1.330 takes characters without a shape, and both take what can be composed."""
    return unicodedata.normalize("NFC", text.translate(dict.fromkeys([0x200B, 0xFEFF, 0xAD, 0x202E])))


RENDERINGS = [
    str,
    shaped,
    lambda text: wrapped(shaped(text)),
    wrapped,
    stripped_wrapped,
    untabbed,
    str.strip,
    lambda text: wrapped(untabbed(text)),
]


@pytest.mark.parametrize("rendered", RENDERINGS)
@given(text=given_texts)
@example(text="\tindent\n\n  trailing  \n\n")
@example(text='it says <pasted_content id="1">')
def test_a_prompt_has_one_digest_however_it_is_rendered(rendered, text: str) -> None:  # type: ignore[no-untyped-def]
    assert prompts.digest(rendered(text)) == prompts.digest(text)


@given(one=words, other=words)
@example(one="a b", other="ab")
@example(one="", other="x")
def test_prompts_of_different_words_have_different_digests(one: str, other: str) -> None:
    assume(unicodedata.normalize("NFC", one).split() != unicodedata.normalize("NFC", other).split())

    assert prompts.digest(one) != prompts.digest(other)


@given(text=st.text(max_size=60), typed=st.text(max_size=10))
def test_a_paste_behind_typed_words_is_unwrapped_too(text: str, typed: str) -> None:
    assume("pasted_content" not in text + typed)

    assert prompts.digest(f"{typed} {wrapped(text)}") == prompts.digest(f"{typed} {text}")


def test_a_digest_is_made_of_half_a_character_too() -> None:
    assert prompts.digest("\ud83d") == prompts.digest("\ud83d ")


@pytest.mark.parametrize(
    "text",
    [
        "<task-notification>\n<task-id>a1</task-id>",
        "<local-command-stdout>Kept model</local-command-stdout>",
        "<local-command-caveat>The command below",
        "<command-name>/clear</command-name>",
        "<bash-stdout>hi</bash-stdout><bash-stderr></bash-stderr>",
        "  <system-reminder>",
        "",
        " \n",
    ],
)
def test_what_claude_tells_the_model_is_not_said_by_a_person(text: str) -> None:
    assert not prompts.is_said(text)


@pytest.mark.parametrize("text", ["fix the <command-name> parser", "<b>bold</b>", "x", "explain <system-reminder>"])
def test_what_a_person_says_about_tags_is_said(text: str) -> None:
    assert prompts.is_said(text)
