"""What `doctor` cannot look at hides nothing else."""

from __future__ import annotations

from tests.support.fleet import Fleet


def test_settings_that_are_no_json_hide_neither_the_program_nor_the_rest(fleet: Fleet) -> None:
    folder = fleet.root / "bin"
    folder.mkdir()
    (folder / "claude").write_text("#!/bin/sh\necho 9.9.9 '(Claude Code)'\n")
    (folder / "claude").chmod(0o755)
    (fleet.home / ".claude").mkdir()
    (fleet.home / ".claude" / "settings.json").write_text("{")

    found = fleet("doctor", "--json", PATH=f"{folder}:{fleet.env['PATH']}").json["findings"]

    assert next((one["level"], one["what"]) for one in found if one["about"] == "claude") == ("ok", "claude 9.9.9")
    assert [one["level"] for one in found if one["about"] == "claude"] == ["ok", "problem"]
    assert "privacy" in {one["about"] for one in found}
