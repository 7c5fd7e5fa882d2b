"""The scripts around an agent's program, run by the real sh."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.fleet import descendants, eventually, named, wait_ended
from tests.support.tmux import Tmux
from tmuxagents.drivers import wrapper
from tmuxagents.services import agent_folder

pytestmark = pytest.mark.slow

SHELLS_OWN = {"PWD", "OLDPWD", "SHLVL", "_", "PATH"}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True).filter(lambda name: name not in SHELLS_OWN)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["'", "'\\''", "$(id)", "`id`", "a\nb\n", "\\", '"', "$HOME", "x=y", " lead", "!!", "\x1b[2J", "\udcff\udc80"]
)
ENVIRON = "import json,os;print(json.dumps(dict(os.environ)))"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    wrapper.write_scripts(tmp_path / "bin")
    return tmp_path / "bin"


def environment_through_sh(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    file = folder / "env"
    file.write_text(wrapper.environment(variables), encoding="utf-8", errors="surrogateescape")
    argv = ["/bin/sh", "-c", '. "$0"; exec "$@"', str(file), sys.executable, "-I", "-c", ENVIRON]
    done = subprocess.run(argv, capture_output=True, env={}, check=True)
    return dict(json.loads(done.stdout))


@examples(20)
@given(variables=st.dictionaries(NAMES, VALUES, max_size=8))
def test_variables_go_through_sh_unchanged(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]) -> None:
    found = environment_through_sh(tmp_path_factory.mktemp("env"), variables)

    assert {name: found.get(name) for name in variables} == variables


@given(variables=st.dictionaries(NAMES, VALUES, max_size=8))
def test_a_file_of_variables_is_read_back_as_it_was_written(variables: dict[str, str]) -> None:
    assert wrapper.parse_environment(wrapper.environment(variables)) == variables


@pytest.mark.parametrize(
    "name", ["PPID", "UID", "EUID", "OPTIND", "LINENO", "SHELLOPTS", "BASHOPTS", "IFS", "PS4", "ENV"]
)
@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_a_variable_that_is_the_shells_own_does_not_end_the_shell(tmp_path: Path, name: str, shell: str) -> None:
    file = tmp_path / "env"
    file.write_text(wrapper.environment({name: "not a number", "AFTER": "there"}))

    done = subprocess.run(
        [shell, "-c", '. "$0"; echo "$AFTER"', str(file)],
        capture_output=True,
        env={"POSIXLY_CORRECT": "1"},
        check=False,
    )

    assert (done.stdout, done.stderr) == (b"there\n", b"")


def test_exported_functions_of_bash_are_left_out(tmp_path: Path) -> None:
    found = environment_through_sh(tmp_path, {"BASH_FUNC_ll%%": "() {  ls -l; }", "GOOD": "1"})

    assert found["GOOD"] == "1"
    assert not [name for name in found if name.startswith("BASH_FUNC")]


def test_a_value_of_a_hundred_kilobytes_goes_through(tmp_path: Path) -> None:
    assert environment_through_sh(tmp_path, {"LONG": "x" * 100_000})["LONG"] == "x" * 100_000


@pytest.mark.parametrize("name", ["agent", "generation", "folder", "mask", "task", "code", "CDPATH"])
def test_a_variable_of_the_users_does_not_change_what_the_starter_does(tmux: Tmux, name: str) -> None:
    started = tmux.start("sh", "-c", f'printf %s "${name}"; exit 3', env={name: "/"})

    assert (started.code(), started.raw()) == (3, b"/")


def test_the_exit_is_recorded_where_the_path_of_the_agent_has_no_programs(tmux: Tmux) -> None:
    assert tmux.start("/bin/sh", "-c", "exit 3", env={"PATH": "/nowhere"}).code() == 3


def test_the_program_is_found_on_the_path_that_the_agent_was_given(tmux: Tmux) -> None:
    program = tmux.folder / "mine" / "only-here"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)

    started = tmux.start("only-here", env={"PATH": f"{program.parent}:{os.environ['PATH']}"})

    assert started.raw() == b"found\r\n"


def test_the_program_gets_what_the_starter_was_given_through_tmux(tmux: Tmux) -> None:
    variables = {
        "LONG": "x" * 50_000,
        "LINES_": "one\ntwo\n",
        "QUOTES": 'it\'s "so" $(x) `y` \\',
        "HASH": "#{pane_id};",
    }
    out = tmux.folder / "environ"

    tmux.start(
        sys.executable, "-c", f"import json,os;json.dump(dict(os.environ),open({str(out)!r},'w'))", env=variables
    ).code()

    found = json.loads(out.read_text())
    assert {name: found[name] for name in variables} == variables
    assert "TMUX" not in found


def test_no_value_of_the_environment_is_in_any_process_command_line(tmux: Tmux) -> None:
    secret = "sk-very-secret-value-4711"
    started = tmux.start("sh", "-c", "echo up; sleep 1000", env={"API_KEY": secret})
    eventually(lambda: b"up" in (started.agent / "raw").read_bytes() if (started.agent / "raw").exists() else False)
    lines = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]

    assert any("sleep 1000" in line for line in lines)
    assert [line for line in lines if secret in line and "pytest" not in line] == []


@pytest.mark.parametrize(
    "task", ["plain", "ends in breaks\n\n", "-dash", "$(x) `y` 'z'", "", ";", "x" * 100_000], ids=lambda t: repr(t)[:20]
)
def test_the_task_is_the_last_argument_as_it_is(tmux: Tmux, task: str) -> None:
    out = tmux.folder / "argv"
    agent = tmux.folder / "agent"
    agent.mkdir()
    (agent / "env.1").write_text(wrapper.environment({"PATH": os.environ["PATH"]}))
    (agent / "task.1").write_text(task)
    program = f"import json,sys;json.dump(sys.argv[1:],open({str(out)!r},'w'))"
    tmux.open(
        str(tmux.folder / "bin/starter.sh"), str(agent), "1", str(tmux.folder), sys.executable, "-c", program, "first"
    )
    eventually((agent / "exit.1.json").exists)
    assert json.loads(out.read_text()) == ["first", task]


def test_arguments_of_which_tmux_takes_no_more_come_from_a_file_as_they_are(tmux: Tmux) -> None:
    out = tmux.folder / "argv"
    agent = tmux.folder / "agent"
    agent.mkdir()
    (agent / "env.1").write_text(wrapper.environment({"PATH": os.environ["PATH"]}))
    words = ["-dash", "", "it's", "$(x) `y`", "a\nb\n", "x" * 100_000, "ü" * 60_000]
    program = f"import json,sys;json.dump(sys.argv[1:],open({str(out)!r},'w'))"
    (agent / "argv.1").write_text(wrapper.arguments([sys.executable, "-c", program, *words]))
    (agent / "task.1").write_text("the task")
    tmux.open(str(tmux.folder / "bin/starter.sh"), str(agent), "1", str(tmux.folder))
    eventually((agent / "exit.1.json").exists)
    assert json.loads(out.read_text()) == [*words, "the task"]


def test_the_umask_of_the_program_is_the_callers(tmux: Tmux) -> None:
    before = tmux.start("sh", "-c", "umask")

    assert before.raw().strip() != b"0077"


def test_the_program_ends_with_the_server(tmux: Tmux) -> None:
    started = tmux.start("sh", "-c", "sleep 1000; true")
    eventually((started.agent / "pid.1").exists)
    below = psutil.Process(started.opened.pid).children(recursive=True)
    server = psutil.Process(tmux.pid)

    server.kill()

    assert wait_ended([server, *below]) == []


def test_an_end_with_the_server_leaves_no_exit_record(tmux: Tmux) -> None:
    started = tmux.start("sh", "-c", "trap 'exit 0' HUP; while :; do sleep 0.01; done")
    eventually((started.agent / "pid.1").exists)
    starter = psutil.Process(started.opened.pid)
    below = starter.children(recursive=True)

    psutil.Process(tmux.pid).kill()

    assert wait_ended([starter, *below]) == []
    assert not (started.agent / "exit.1.json").exists()


def test_the_end_of_a_program_is_not_recorded_before_a_stopped_tmux_has_read_what_it_printed(tmux: Tmux) -> None:
    go = tmux.folder / "go"
    started = tmux.start("sh", "-c", f"until [ -e {go} ]; do sleep 0.05; done; echo the answer")
    eventually((started.agent / "pid.1").exists)
    starter, server = psutil.Process(started.opened.pid), psutil.Process(tmux.pid)
    exit_record = started.agent / "exit.1.json"
    asked = set[int]()

    def asks_again() -> bool:
        asked.update(each.pid for each in named("dd", descendants(starter)))
        return len(asked) > 1 or exit_record.exists()

    server.suspend()
    try:
        go.touch()
        eventually(asks_again)
        assert not exit_record.exists()
    finally:
        server.resume()

    assert started.code() == 0
    assert started.raw().replace(b"\x1b[5n", b"") == b"the answer\r\n"


def test_a_program_that_ends_in_a_shutdown_is_recorded_as_hung_up(tmux: Tmux) -> None:
    started = tmux.start("sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done")
    eventually(lambda: (started.agent / "raw").exists() and b"up" in (started.agent / "raw").read_bytes())
    starter = psutil.Process(started.opened.pid)

    # As the system does: to everybody.
    for process in [starter, *starter.children(recursive=True)]:
        # One of the short sleeps may be over by now.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()

    assert started.code() == 0
    assert json.loads((started.agent / "exit.1.json").read_text())["hangup"] is True


def test_without_the_file_of_its_variables_the_program_is_not_started(tmux: Tmux) -> None:
    agent = tmux.folder / "agent"
    agent.mkdir()

    tmux.open(str(tmux.folder / "bin/starter.sh"), str(agent), "1", str(tmux.folder), "touch", str(tmux.folder / "ran"))

    eventually((agent / "exit.1.json").exists)
    assert not (tmux.folder / "ran").exists()


def test_a_start_that_was_given_up_runs_nothing_and_one_that_has_begun_is_not_given_up(tmux: Tmux) -> None:
    late, begun, ran = tmux.folder / "late", tmux.folder / "begun", tmux.folder / "ran"
    for agent in (late, begun):
        agent.mkdir()
        (agent / "env.1").write_text(wrapper.environment({"PATH": os.environ["PATH"]}))
        (agent / "setup.1").write_text(f"echo {agent.name} >> {ran}")
    # Two may give it up.
    assert [agent_folder.give_up(late, 1), agent_folder.give_up(late, 1)] == [True, True]

    for agent in (late, begun):
        tmux.open(str(tmux.folder / "bin/starter.sh"), str(agent), "1", str(tmux.folder), "true")
        eventually((agent / "exit.1.json").exists)

    assert not agent_folder.give_up(begun, 1)
    assert ran.read_text() == "begun\n"
    assert [path.name for path in begun.glob(".*")] == []


def test_the_pid_that_is_recorded_is_the_programs(tmux: Tmux) -> None:
    started = tmux.start("sh", "-c", "echo $$")

    assert started.raw().strip().decode() == (started.agent / "pid.1").read_text()


# The hook


def hook(
    scripts: Path, spool: Path, payload: bytes, event: str = "Stop", **env: str
) -> subprocess.CompletedProcess[bytes]:
    argv = [str(scripts / "hook.sh"), str(spool), "1", event]
    return subprocess.run(
        argv, input=payload, capture_output=True, env={"PATH": os.environ["PATH"], **env}, check=False
    )


def kept(spool: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(spool.iterdir())]


def test_a_payload_of_several_megabytes_is_kept_whole(scripts: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    payload = os.urandom(6_000_000)

    done = hook(scripts, spool, payload)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert kept(spool) == [payload]


def test_eight_payloads_at_once_do_not_mix(scripts: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    payloads = [bytes([65 + n]) * 2_000_000 for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda payload: hook(scripts, spool, payload), payloads))

    assert sorted(kept(spool)) == payloads


def test_a_payload_says_when_of_what_and_what_in_its_name(scripts: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    before = time.time_ns()

    hook(scripts, spool, b"{}", "PreToolUse")

    at, generation, event, pid, ending = next(spool.iterdir()).name.split(".")
    assert before <= int(at) <= time.time_ns()
    assert (generation, event, pid.isdecimal(), ending) == ("1", "PreToolUse", True, "json")


def test_where_date_knows_no_nanoseconds_the_name_still_holds_a_time(scripts: Path, tmp_path: Path) -> None:
    spool, path = tmp_path / "spool", tmp_path / "path"
    spool.mkdir()
    path.mkdir()
    (path / "date").write_text("#!/bin/sh\necho 1700000000N\n")  # as macOS does
    (path / "date").chmod(0o755)

    hook(scripts, spool, b"{}", PATH=f"{path}:{os.environ['PATH']}")

    assert next(spool.iterdir()).name.split(".")[0] == "1700000000000000000"


@pytest.mark.parametrize("script", ["hook.sh", "status-line.sh"])
def test_a_missing_spool_costs_the_agent_nothing(scripts: Path, tmp_path: Path, script: str) -> None:
    argv = [str(scripts / script), str(tmp_path / "none"), "1", ""]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    out, err = process.communicate(b"x" * 1_000_000)

    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.parametrize("script", ["hook.sh", "status-line.sh"])
def test_a_full_disk_costs_the_agent_nothing_and_leaves_no_half_payload(
    scripts: Path, tmp_path: Path, script: str
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    limited = ["/bin/sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "sh"]  # a write beyond 512 bytes fails

    done = subprocess.run(
        [*limited, str(scripts / script), str(spool), "1", ""], input=b"x" * 1_000_000, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [path for path in spool.iterdir() if path.suffix == ".json"] == []
    assert list(spool.iterdir()) == []


def test_the_users_own_status_line_is_shown_and_gets_the_same_input(scripts: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    argv = [str(scripts / "status-line.sh"), str(spool), "1", "printf 'mine '; cat"]

    done = subprocess.run(argv, input=b'{"a": 1}', capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (0, b'mine {"a": 1}')
    assert kept(spool) == [b'{"a": 1}']


def test_a_status_line_of_the_users_that_fails_costs_nothing(scripts: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    argv = [str(scripts / "status-line.sh"), str(spool), "1", "exit 3"]

    done = subprocess.run(argv, input=b"{}", capture_output=True, check=False)

    assert done.returncode == 0
    assert kept(spool) == [b"{}"]


def test_the_scripts_are_written_again_only_when_they_differ(scripts: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in scripts.iterdir()}
    (scripts / "hook.sh").write_text("damaged")

    wrapper.write_scripts(scripts)

    assert (scripts / "hook.sh").read_text() == wrapper.HOOK
    assert (scripts / "starter.sh").stat().st_mtime_ns == before["starter.sh"]
