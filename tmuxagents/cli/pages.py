"""What the help of a command shows beside its options: examples, and the topics that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

Example = tuple[str, str]
"""A command as it is typed, and what it does."""

EXAMPLES: Mapping[str, Sequence[Example]] = {
    "spawn": (
        ('tmuxagents spawn "add auth to the REST API"', "start one here"),
        ('tmuxagents spawn --name tests -C ~/src/parser --model opus "write tests"', "elsewhere, with a name"),
        ("tmuxagents spawn --each tasks.txt --timeout 2h", "one for each line of a file"),
        ('tmuxagents spawn -w --count 3 "find the leak"', "three, each in a worktree of its own"),
        ("tmuxagents spawn -w --scope 'src/auth/**' \"add auth\"", "it may change only that"),
        ('tmuxagents spawn --branch-off api "try a queue"', "a copy of api, conversation and work, goes on beside it"),
        ('tmuxagents spawn --now "mend the build"', "also where max_agents are at work"),
        ('tmuxagents spawn --role reviewer "look at the last commit"', "settings and instructions kept by that name"),
        ('tmuxagents spawn --print --wait "which tests are slow?"', "without a terminal: it answers and ends"),
        ("tmuxagents spawn --kind command -- make watch", "any program"),
    ),
    "queue": (
        ("tmuxagents queue", "who waits, in order, and why"),
        ("tmuxagents queue move docs first", "its turn is next"),
        ("tmuxagents queue drop docs", "it is not started"),
    ),
    "ls": (
        ("tmuxagents ls", "everybody"),
        ("tmuxagents ls --state waiting,failed --here", "who calls you, in this project"),
        ("tmuxagents ls --undismissed", "without those that you have dismissed"),
        ("tmuxagents ls --watch", "drawn anew on every change"),
        ("tmuxagents ls --format '{name} {state:<10} {doing}'", "for a script or a status bar"),
        ("tmuxagents ls --jq '.agents[] | select(.needs) | .name'", "through jq"),
    ),
    "top": (
        ("tmuxagents top", "everybody"),
        ("tmuxagents top --here state:waiting", "who waits, in this project"),
        ("tmuxagents top run:night", "the agents of a run; g shows its graph"),
    ),
    "pin": (("tmuxagents pin api", "first among those in its state"), ("tmuxagents pin --off api", "no more")),
    "dismiss": (
        ("tmuxagents dismiss docs", "it has finished, and is in the way"),
        ("tmuxagents dismiss all", "everybody of this project who has finished"),
        ("tmuxagents dismiss --off docs", "in the list again"),
    ),
    "run": (
        ("tmuxagents run night.yaml --plan", "what it would do"),
        ("tmuxagents run night.yaml --plan --takes 5m --takes lint=20s", "and how long it would take"),
        ("tmuxagents run night.yaml", "do it, and look on"),
        ("tmuxagents run night.yaml --detach", "it goes on by itself"),
        ("tmuxagents run add night more.yaml", "more tasks for a run that is not over"),
        ("tmuxagents run --schema", "what a manifest may hold, for an editor"),
        ("tmuxagents run --retry-failed night", "what has not succeeded, once more"),
    ),
    "fork": (
        ("tmuxagents fork -n 3 'how would you speed up the build?' --join 'what do they agree on?'", "three, then one"),
        ("tmuxagents fork -w 'fix the flaky test' --check 'make test' --compare", "side by side"),
        ("tmuxagents fork --each questions.txt --model haiku --join 'one page' --join-model opus", "a question a line"),
    ),
    "pick": (
        ("tmuxagents pick run-1 try-2", "the others are kept"),
        ("tmuxagents pick run-1 try-2 --commit --rest rm", "with what is not committed; the others into the trash"),
    ),
    "runs": (("tmuxagents runs", "which there are"), ("tmuxagents show run-1", "the tasks of one")),
    "pause": (("tmuxagents pause run-1", "what runs goes on"), ("tmuxagents resume run-1", "the rest too")),
    "chat": (
        ("tmuxagents chat", "the stream above, one line below; /help says what can be typed"),
        ("tmuxagents chat --plain", "line by line: for screen readers, phones, slow lines"),
    ),
    "attach": (
        ("tmuxagents attach", "at the window of who needs you"),
        ("tmuxagents attach api", "at that agent's window"),
    ),
    "tail": (
        ("tmuxagents tail", "follow everybody"),
        ("tmuxagents tail api tests --since 2h -t", "two of them, with times"),
        ("tmuxagents tail --no-follow --exclude tool --grep 'error|fail'", "what went wrong, without the calls"),
    ),
    "say": (
        ('tmuxagents say api "also test expired tokens"', "deliver a reply"),
        ("tmuxagents say api --when-idle now write the changelog", "when the turn has ended"),
        ("tmuxagents say api --wait what is left to do", "and print the answer"),
        ("tmuxagents say api --file notes.md", "what a file holds"),
    ),
    "approve": (("tmuxagents approve api", "say yes once"), ("tmuxagents approve all", "to all of this project")),
    "deny": (
        ("tmuxagents deny api", "no; the turn stops"),
        ('tmuxagents deny api "use the existing table"', "no, with a reason; the turn goes on"),
    ),
    "answer": (
        ("tmuxagents answer api 2", "the second choice"),
        ('tmuxagents answer api Red "Ham,Oil"', "two questions, several choices in the second"),
        ('tmuxagents answer api --text "neither; keep it as it is"', "in words of your own"),
    ),
    "interrupt": (("tmuxagents interrupt api", "stop its turn"),),
    "wait": (
        ("tmuxagents wait", "until nobody works"),
        ("tmuxagents wait api --for waiting,idle --timeout 30m", "until it needs you or is done"),
    ),
    "show": (("tmuxagents show api", "everything, with the evidence"), ("tmuxagents show api --json", "for a script")),
    "search": (
        ("tmuxagents search expired token", "both words"),
        ('tmuxagents search "\\"connection refused\\"" --since 1d --agent api', "a phrase, today, of one agent"),
    ),
    "diff": (
        ("tmuxagents diff", "a line for each agent with a worktree"),
        ("tmuxagents diff api", "everything that one has done, through your git's pager"),
        ("tmuxagents diff api --stat", "how much in which file"),
        ("tmuxagents diff api > api.patch", "as a patch"),
    ),
    "review": (
        ("tmuxagents review api", "write >> lines into its diff; they go to it as one prompt"),
        ("tmuxagents review api --again", "what is new since then"),
        ("tmuxagents review api > api.review", "to be written into elsewhere"),
        ("tmuxagents review api - < api.review", "and sent from there"),
    ),
    "conflicts": (
        ("tmuxagents conflicts", "every pair, and each with the branch that it goes into"),
        ("tmuxagents conflicts api", "with whom one conflicts"),
    ),
    "merge": (
        ("tmuxagents merge api", "into the branch that it began on"),
        ("tmuxagents merge api --commit --message 'add auth'", "commit first what is not committed"),
        ("tmuxagents merge api tests --into release", "two, into a branch of that name"),
        ("tmuxagents merge api --resolve", "have the agent rebase where it conflicts"),
    ),
    "pr": (
        ("tmuxagents pr api", "push its branch and open a pull request"),
        ("tmuxagents pr api --draft --watch", "a draft; failing checks and comments go to the agent"),
        ("tmuxagents pr api --unwatch", "no more"),
    ),
    "stop": (("tmuxagents stop api tests", "end two"), ("tmuxagents stop all", "end all of this project")),
    "resume": (
        ("tmuxagents resume api", "with the same conversation"),
        ("tmuxagents resume --all", "everybody who is lost, after a restart"),
    ),
    "rm": (
        ("tmuxagents rm api", "one that has ended"),
        ("tmuxagents rm --trash api", "also with work that is nowhere else"),
        ("tmuxagents rm all", "all that have, in this project"),
    ),
    "restore": (("tmuxagents restore api", "with its worktree, as it was"),),
    "prune": (
        ("tmuxagents prune", "list what is in the trash"),
        ("tmuxagents prune 5f2c9a1e", "delete that for good"),
    ),
    "usage": (
        ("tmuxagents usage", "each agent, against its budget"),
        ("tmuxagents usage --by day --since 7d", "what a week has cost"),
        ("tmuxagents usage api --json", "of one, for a program"),
    ),
    "budget": (
        ("tmuxagents budget api 5", "it may cost five dollars in all"),
        ("tmuxagents budget api --tokens 200k", "by tokens"),
        ("tmuxagents budget api 0", "no limit any more"),
    ),
    "rename": (("tmuxagents rename agent-1 api", "call it api"),),
    "last": (("tmuxagents last api", "its last answer, whole"), ("tmuxagents last api > answer.md", "in a file")),
    "catchup": (
        ("tmuxagents catchup", "what happened while you were away"),
        ("tmuxagents catchup api --since 8h", "of one agent, in this time"),
        ("tmuxagents catchup --html night.html", "a page for a browser"),
    ),
    "lock": (
        ("tmuxagents lock db -- make test-db", "one at a time, in turn"),
        ("tmuxagents lock shop/port --wait 60 -- npm run e2e", "or not at all, with exit code 4"),
    ),
    "locks": (("tmuxagents locks", "who holds what, and who waits"),),
    "note": (
        ('tmuxagents note add "the API is at /v2 now"', "for whoever works in this repository"),
        ("tmuxagents note list", "what is noted, by whom and when"),
        ("tmuxagents note write", "as .agents/parallel-context.md"),
    ),
    "doctor": (("tmuxagents doctor", "look at this machine"),),
    "demo": (("tmuxagents demo", "watch three agents"), ("tmuxagents demo --speed 3", "three times as fast")),
    "notify": (("tmuxagents notify test", "send one over each channel"),),
    "completion": (("tmuxagents completion bash", "print it; tmuxagents help completion says where it goes"),),
    "config": (
        ("tmuxagents config", "every setting, and where it comes from"),
        ("tmuxagents config set kind claude", "what spawn starts"),
    ),
    "trust": (("tmuxagents trust", "look at what this repository sets, and consent"),),
    "controller": (("tmuxagents controller status", "whether it runs"), ("tmuxagents controller stop", "stop it")),
    "help": (("tmuxagents help say", "a command and what belongs to it"), ("tmuxagents help environment", "a topic")),
}

RELATED: Mapping[str, Sequence[str]] = {
    "say": ("say",),
    "chat": ("chat",),
    "ls": ("states",),
    "top": ("top",),
    "show": ("states",),
    "tail": ("stream",),
    "search": ("stream",),
    "catchup": ("stream",),
    "wait": ("exit-codes",),
    "notify": ("notices",),
    "config": ("config",),
    "usage": ("usage",),
    "budget": ("usage",),
    "trust": ("config",),
    "stop": ("names",),
    "resume": ("names",),
    "rm": ("names", "worktrees"),
    "spawn": ("worktrees", "queue", "headless"),
    "queue": ("queue",),
    "restore": ("worktrees",),
    "prune": ("worktrees",),
    "completion": ("completion",),
    "review": ("review", "say"),
    "conflicts": ("review",),
    "merge": ("review",),
    "pr": ("pr",),
    "lock": ("sharing",),
    "locks": ("sharing",),
    "note": ("sharing",),
    "diff": ("review", "worktrees"),
}
"""The topics that `help VERB` shows behind the command's own help."""


def write_examples(formatter: click.HelpFormatter, verb: str) -> None:
    """The examples, and under each what it does. A command is there to be copied: it is not broken."""
    with formatter.section("Examples"):
        for command, does in EXAMPLES.get(verb, ()):
            formatter.write(f"{'':{formatter.current_indent}}{command}\n")
            with formatter.indentation(), formatter.indentation():
                formatter.write_text(does)
