"""Lines of the sources, as data that can be kept."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from tmuxagents.services.ingest import readers


@example("\ud83d")
@given(st.text(st.characters(exclude_categories=[]), max_size=10))
def test_half_a_character_does_not_stop_the_journal(text: str) -> None:
    # A JavaScript program that cuts a string in the middle of an emoji writes "\ud83d"; SQLite takes no such text.
    found = readers._decode(json.dumps({"text": text, text: [text]}).encode())

    assert found is not None
    json.dumps(found, ensure_ascii=False).encode()


@given(st.binary(max_size=30))
def test_what_is_not_a_json_object_is_nothing(raw: bytes) -> None:
    found = readers._decode(raw)

    assert found is None or isinstance(found, dict)
