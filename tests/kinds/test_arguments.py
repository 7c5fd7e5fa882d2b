"""What a program cannot be started with is known before; a long shell line goes by a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tmuxagents.kinds import arguments

MOST = arguments.LONGEST


@pytest.mark.parametrize("size", [MOST, MOST + 1])
def test_the_longest_argument_and_variable_are_what_the_system_says(size: int) -> None:
    word, value = "x" * size, "x" * (size - len("K="))

    def starts(words: list[str], env: dict[str, str]) -> bool:
        try:
            return subprocess.run(["/bin/true", *words], env=env, check=False).returncode == 0
        except OSError:
            return False

    assert starts([word], {}) == starts([], {"K": value}) == (size <= MOST)
    assert (arguments.too_long(["/bin/true", word], {}) is None) == (size <= MOST)
    assert (arguments.too_long(["/bin/true"], {"K": value}) is None) == (size <= MOST)


def test_what_is_too_long_is_named_with_the_limit() -> None:
    words = ["a", "ü" * MOST]

    assert (arguments.too_long(words, {}) or "").startswith(
        f"its argument 1 has {2 * MOST:,} bytes, and a program takes"
    )
    assert (arguments.too_long(["a"], {"K": "x" * MOST}) or "").startswith("its variable 'K' has 131,073 bytes")
    assert (arguments.too_long(["a", "bc"], {}, most=20) or "").startswith("its arguments and variables have 21 bytes")


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_long_shell_line_is_read_by_its_shell_as_it_is(tmp_path: Path, shell: str) -> None:
    folder = tmp_path / "it's"
    folder.mkdir()
    rest = ["name", "one", "two words"]

    def said(line: str) -> tuple[str, int]:
        argv, files = arguments.by_file([shell, "-c", line, *rest], folder)
        assert arguments.too_long([shell, "-c", line, *rest], {}) is None
        for name, text in files.items():
            (folder / name).write_text(text)
        ran = subprocess.run(argv, input="given\n", capture_output=True, text=True, check=False)
        return ran.stdout, ran.returncode

    line = 'read word; echo $0 $# "$2" $word; printf %s {} | wc -c; exit 3'
    assert said(line.format("x")) == ("name 2 two words given\n1\n", 3)
    assert said(line.format("x" * 900_000)) == ("name 2 two words given\n900000\n", 3)


def test_an_argument_of_another_program_goes_by_no_file() -> None:
    words = ["python3", "-c", "x" * (MOST + 1)]

    assert arguments.by_file(words, Path("/")) == (words, {})
    assert arguments.too_long(words, {}) is not None
