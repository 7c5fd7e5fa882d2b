from __future__ import annotations

from tmuxagents.cli import own_lines


def test_a_line_of_a_program_takes_the_options_of_the_command_but_its_editor() -> None:
    takes = own_lines.takes("s")

    assert takes["--name"]
    assert not takes["-w"]
    assert "--edit" not in takes
    assert "--edit" not in own_lines.takes("deny")
    assert own_lines.takes("nonsense") == {}
