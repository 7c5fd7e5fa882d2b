"""The texts of `tmuxagents help TOPIC`, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping

_STATES = """
# States

- **starting**: its program was started and has not spoken yet, or its worktree is set up first: the reason says which
  command runs (`tmuxagents help worktrees`)
- **working**: a turn runs; the reason names an API error that is being retried
- **waiting**: it needs you: permission, question, plan, trust, login or dialog
- **idle**: it waits for the next prompt
- **limited**: a usage limit or an overloaded API stopped the turn; the reason says which, and until when where that
  is told (`tmuxagents help usage`)
- **ended**: its program ended by itself, or because you stopped it
- **failed**: its program ended with an error, was killed, or its time limit has passed
- **lost**: its window is gone (the server or the machine went down); `tmuxagents resume --all`
- **queued**: it waits for room to begin; the reason says where it stands and why (`tmuxagents help queue`)
- **unknown**: tmux could not be asked

An agent with a task is not idle before it has taken it. `turns` counts a turn when its last text is in the
journal: where the transcript does not show it within 6 s, the text that the Stop hook gave is told.

Where the terminal is narrow, columns of `ls` go in this order: TOKENS, BRANCH, COST, FOLDER. Then NOW is cut, and goes
too before FOR does: who, what it needs and for how long stay longest.

A state comes from the agent's hooks, then its transcript, then its process, and last from its
screen. `tmuxagents show NAME` names the evidence.
"""

_NAMES = """
# Names

Wherever a NAME stands, several do too, divided by commas (`a,b`) or blanks, globs (`api-*`) and `all`. A glob
and `all` mean those that the command applies to: `approve all` those that wait, `rm all` those that have
ended, `resume all` those that are lost or were stopped, and never a program of `--kind command` that ended by
itself, nor what its time limit (`--timeout`) ended: its name runs it again. Each is tried, each is told, and the worst
decides the exit code. A NAME that nobody has is an error, and then nothing is done.

In `say`, `approve`, `deny`, `answer`, `interrupt`, `stop`, `resume` and `rm` they mean the project that you stand
in: the repository with all its worktrees, else the folder and what is below it. Those in other projects are
counted; `-A` means them too, and at a terminal `stop -A all` and `rm -A all` ask first (`-y` does not).
A NAME that is given whole means its agent wherever that works. `resume --all` is everybody who is lost,
wherever it is typed.

`2` is `agent-2`, and how one name alone begins stands for it (`say pars …` for `parser-tests`), where no agent
has or had that very name. `rm` takes whole names, globs and `all` only. After `rm` a name still finds the record
of the agent that had it last, in `show`, `tail` and `search --agent`, which say `(removed)`; one that is there
comes first. So a word is tried as a whole name, as the number of an `agent-N`, as the name or the number of a removed
agent, and last as how one name begins. A label is no name: `2` is never the agent with the label `2`.

`rename NAME NEW` changes a name. What is named by tmuxagents gets no name that an agent ever had: `agent-1`,
`agent-2`, or with `naming = "task"` (`help config`) a short one made of the task.

`ls`, `tail`, `search`, `wait` and `show` take everything. `--here` narrows them to the project,
`--state waiting,failed` to these states, `--label WORD` (`-l`) to those that `spawn --label WORD` gave it;
of several labels all.
"""

_JSON = """
# JSON

Every object has `"v": 1`. Times are RFC 3339 in UTC, money is dollars as a number, what is not
known is `null`, and no key is ever missing.

- `ls --json`: `{"v", "agents": [{"name", "id", "kind", "state", "since", "needs", "choices", "open_requests", "reason",
  "doing", "task", "dir", "worktree", "branch", "work", "conflicts", "host", "conversation", "generation", "pane",
  "pid", "exit_code", "turns", "last_text", "unread", "usage": {"input_tokens", "output_tokens", "cache_read_tokens",
  "cache_write_tokens", "cost_usd"}, "budget_usd", "budget_tokens", "budget_reached", "account", "used_model",
  "context_left", "resets", "continues", "timeout_s", "labels", "scope", "scope_overlaps", "outside_scope", "pr",
  "role", "mode", "pinned", "dismissed", "locks"}]}`;
  `spawn` and `wait` print the same. `scope` are the globs of `--scope`, `scope_overlaps` the
  names of live agents whose scopes can meet it, `outside_scope` the first 50 paths changed outside of it.
  `unread` counts what the agent said and did that nobody was shown, 100 for that many or more. `worktree` is null, or
  the one that it was given: {"repository" (git's common directory), "path", "branch", "base", "own", "own_branch"
  (whether it and its branch were made for the agent), "into" (the branch that it is to be merged into),
  "landed" (null, or what `merge --squash` made last: the `tip` of its branch became `commit`)}; `branch` is what is
  checked out now
  `work` is what was recorded last of its worktree, every key null where nothing was: {"measured" (when), "branch",
  "into", "ahead", "behind" (commits), "files", "insertions", "deletions", "uncommitted" (files), "merges" (whether it
  goes into its branch by itself), "changed" (when), "trouble" (why it could not be looked at since), "there" (whether
  the worktree stands where it is recorded)}. `conflicts` are those with whose work it conflicts: [{"agent" (null where
  it is the branch), "into", "files", "since"}]
  `pinned`: it is kept first; `dismissed`: it was dismissed, and nothing has come of it since
  `locks` are those that it holds or waits for: [{"name", "held"}]; `role` is that of `--role`, `mode` terminal or print
  `account` is what its usage is counted to, `used_model` the model that it works by, `context_left` per cent. `resets`
  is when the limit ends that has stopped it, `continues` when tmuxagents has it go on; null where that is not known, or
  does not happen
  `pr` is null, or the pull request of its branch as it was recorded last: {"number", "url", "state" (open, merged or
  closed), "watched", "paused", "checks" (pass, fail, pending, stopped or none; null before the first look), "told",
  "rounds", "others" (comments that were not told to it), "trouble", "looked"}
- `ls --jq EXPR` hands the same to an installed jq and prints strings bare. `ls --format '{name} {usage.cost_usd:>8}'`
  prints a line an agent: keys, those of an object with a dot, and a width with `<` or `>`; nothing is `-`
- `show --json`: the same with `evidence`, `dialog`, `states`, `held`, `screen`, `resident_mb`,
  `worktree_trouble` (where its worktree went, null where it is in its place), `port` (null without one),
  `branched_off` (the agent that it began as a copy of, or null), `removed`;
  the `id` of its `dialog` is for `approve --dialog`
- `pin --json`, `dismiss --json`: `{"v", "results": [{"agent", "verdict"}]}`: pinned, unpinned, dismissed, back, what it
  was already, or refused
- `say --json`: `{"v", "results": [{"agent", "verdict", "evidence", "ms"}]}`; with `--wait`
  each has its `answer`, `state`, `needs`
- `catchup --json`: `{"v", "since", "agents": [{"agent", "id", "state", "entries", "first", "last", "asked", "tools":
  {NAME: COUNT}, "files", "commands", "tests", "turns", "interrupted", "cost_usd", "decisions", "failures", "ends",
  "notes", "says", "waits": {"needs", "what", "choices", "command"}}]}`; `state` is null for a
  removed agent, `waits` where nothing waits
- `diff --json`: `{"v", "agents": [{"agent", "id", "path", "branch", "head", "into", "base", "commits", "insertions",
  "deletions", "files": [{"path", "before", "status", "insertions", "deletions"}], "uncommitted", "left_out", "merges",
  "conflicts", "changed", "trouble"}]}`; `trouble` says why nothing else is known, or what is under
  way in it, `left_out` are repositories within
  the worktree, the counts of a binary file are null; a byte of a name that is no UTF-8 is a lone surrogate
- `review --json`: `{"v", "results": [{"agent", "id", "verdict", "evidence", "ms", "comments": [{"file", "line",
  "removed", "quoted", "text", "changed"}], "text"}]}`; `text` is what is said, null without a comment; the verdict is
  as in `say`, null where nothing was sent; `removed`: `line` is one of the file before; `changed`: the file
  is not as it was shown
- `conflicts --json`: `{"v", "tried", "conflicts": [{"one", "other", "into", "clashes": [{"what", "paths", "hunks":
  [{"one", "other"}]}]}], "unseen": [{"agent", "trouble"}]}`; `other` is an agent, or null where it is the branch
  `into`; `what` is git's word (`contents`, `modify/delete`, …), a hunk has the lines of each
- `merge --json`: `{"v", "results": [{"agent", "id", "verdict", "into", "before", "after", "committed", "conflicts",
  "reason", "asked", "removed", "trash"}]}`; the verdict is merged, fast-forwarded, squashed, already there, conflicts
  or refused; `asked` is that of `say`, of what `--resolve` asked for; `removed` says that the agent had ended and was
  removed, `trash` where its worktree is
- `pr --json`: `{"v", "results": [{"agent", "id", "verdict", "remote", "branch", "commit", "pushed", "replaced",
  "base", "command", "pr", "reason"}]}`; `replaced` is the commit in place of which it was pushed; the verdict is
  opened, open already, pushed or pushed already (without `gh`: then `command` is what is to be typed), unwatched,
  was not watched or refused; `pr` is that of `ls --json`
- `run --json`, `fork --json`, `show RUN --json`: `{"v", "run": RUN}`, `{"v", "runs": [RUN]}`, RUN is {"name", "id",
  "state", "source", "dir", "created", "ended", "picked", "tasks": [{"key", "state", "agent", "answer", "error",
  "duration_s", "cost_usd", "tokens", "attempts", "of", "item", "waits"}]}; every task is there, whatever became of it;
  `of` is the repeated task that it is an element of, `waits` what keeps it from going on (a bound of the queue, what
  stands typed at its window), or null. `runs --json` has in `tasks` how many are in which state; `wait RUN
  --json` has `runs`, and with agents beside them `agents`, whatever the wait has come to.
  `pause`, `stop` and `resume` of a run have `runs`, their names
- `run --plan --json`: `{"v", "plan": {"name", "source", "understood", "waves": [{"start_s", "keys"}], "at_once",
  "widest", "path", "path_s", "wall_s", "unknown_times", "cost_usd", "unknown_costs", "tokens", "unknown_tokens",
  "uncounted"}}`; times, costs and tokens are null where they are unknown for the tasks that are listed beside them,
  `uncounted` are repeated for what is not known yet
- `--compare --json` of `fork`, `run` and `show RUN`: `{"v", "run": RUN, "compare": [{…, "check", "picked", "work"}]}`,
  with what RUN has of the task; the check is passed, failed or null, `work` that of `diff --json`, or null
- `pick --json`: `{"v", "run", "task", …, "rest": [{"task", "agent", "removed", "trash", "reason"}]}`, with what
  `merge --json` has of one (of one that was picked before, `already there`); `rest` are those that `--rest rm` was to
  remove
- `locks --json`: `{"v", "locks": [{"name", "holder": HOLDER, "waiting": [HOLDER]}]}`, HOLDER is {"who", "agent",
  "agent_id" (null for a person), "pid" (of `lock`, or of its command where only that is left), "since", "command",
  "run", "kept" (for an agent's task, without a command)}; who waits is in the order of their turns
- `note add`, `list`, `done`: `{"v", "notes": [{"number", "board", "run", "text", "who", "agent_id", "at", "done",
  "done_by"}]}`; `board` is git's common directory, a folder or the run's name, `done` when that was said, or null;
  `note write`: `{"v", "board", "path", "notes"}`, the file and what stands in it
- `usage --json`: `{"v", "by", "since", "rows": [{"name", "id", "input_tokens", "output_tokens", "cache_read_tokens",
  "cache_write_tokens", "tokens", "tokens_are_least", "cost_usd", "cost_is_least", "tokens_per_s", "context_left",
  "budget_usd", "budget_usd_part", "budget_tokens", "budget_tokens_part"}], "total": {…}}`; a row for each agent, or for
  each of what `by` says, whose `name` is null where it is not known; tokens and `cost_usd` are null where nobody knows,
  and `tokens_are_least` and `cost_is_least` true where a part is not known; `tokens_per_s` is of those alone whose
  tokens and time are both known; a part of a budget is of one (0.576)
- `budget --json`: `{"v", "results": [{"run", "agent", "budget_usd", "budget_tokens", "cost_usd", "tokens",
  "reached"}]}`; a row is of a run or of an agent, and the other of the two is null
- `last --json`: `{"v", "answers": [{"agent", "id", "at", "text"}]}`
- `tail --json`, `search --json`: one object a line: `{"v", "seq", "at", "agent", "id", "generation",
  "kind", "text", "detail"}`; `detail` depends on `kind` and may grow
- `approve`, `deny`, `answer`: `{"v", "results": [{"agent", "what", "chosen", "next", "verdict",
  "evidence", "ms"}]}`; the verdict is the verb, began, unconfirmed or refused
- `interrupt`: `{"v", "results": [{"agent", "verdict"}]}`
- `stop`: `{"v", "results": [{"agent", "how"}]}`; `how` is asked, terminated, killed, was over or
  dropped (it was queued)
- `queue --json`: `{"v", "queue": [{"place", "agent", "id", "owner", "now", "reason", "since", "task"}]}`; the owner is
  `you` or a run, `now` that no bound holds it back, `reason` null while none does; `queue move`: `{"v", "results":
  [{"agent", "place"}]}`; `queue drop`: as `stop`
- `resume`: `{"v", "results": [{"agent", "resumed", "error"}]}`
- `rm`: `{"v", "forgotten": [NAME], "trash": [{"agent", "id"}]}`; a run that was named is among those forgotten
- `restore`: `{"v", "agent", "path", "branch", "detached", "anew"}`; `detached` says why its branch is not checked out,
  or null; `anew` that its folder had been gone when it was removed
- `prune`: `{"v", "orphans": [{"id", "what", "agent", "branch", "path", "at", "bytes"}], "pruned": [ID]}`; `what` is
  trash, worktree, branch (its path is a commit) or agent
- `config`: `{"v", "settings": [{"key", "value", "hidden", "source", "file", "line", "applied"}]}`; `config get` is one
  of these. The source is default, user, repository, environment or option; a time is seconds
- `trust`: `{"v", "file", "digest", "needs": [{"key", "line", "value"}], "consented"}`, and asks nothing;
  `trust --list`: `{"v", "consents": [{"file", "digest", "at", "state"}]}`, the state is current, changed, missing or
  refused; `trust --revoke`: `{"v", "file", "consented"}`
- `rename`: `{"v", "results": [{"agent", "before"}]}`
- `doctor`: `{"v", "findings": [{"level", "about", "what", "mend"}]}`
- `notify test`: `{"v", "results": [{"channel", "sent", "evidence"}]}`
- `controller status`: `{"v", "running", "stuck"}`
"""

_STREAM = """
# The merged stream

    Spawned agent-1: add auth to the REST API
    [agent-1] I'll start with the routes...          what it said
    [agent-1] Read: src/routes/api.rs                a tool call
    > @agent-2 also test expired tokens              a prompt it was given
    [agent-3] needs permission: Write(src/auth.rs)   tmuxagents approve agent-3
    [agent-4] needs permission (1 of 3): Bash(make)  tmuxagents approve agent-4
      -- agent-3 approved: Write(src/auth.rs), by you on pts/3 --
      -- agent-2 done ($0.0312) --                   a turn has ended; what it cost

Where the next prompt comes before Claude Code has told what a turn cost, the turn has no price, and the next one's is
that of both: `done ($0.0312, 2 turns)`.

A `↳` marks what a subagent did. What was asked and is settled has one line: approved, denied, answered or
left unanswered, and by whom: `you` and your terminal, an agent by its name, or `at its window`, where somebody
pressed the keys there. `by you or at its window` is what nothing tells apart: an agent that tells nothing of its
dialogs showed one just like it behind your key.

What a `tail` without a filter or `catchup` has shown on your terminal counts as read, agent by agent and only
without a gap; a pipe, `--json`, and an agent's own shell read nothing for you. `tail --new` begins where you
stopped, and `ls` says how much is new beside the name (`api •12`).

Kinds for `--only`: spawned, prompt, text, tool, output, needs, decision, turn,
exit, state, conflict, note, gap, error. `gap` says where something may be missing; `conflict` that what an agent did in
its worktree begins or ceases to conflict with another's work or with its branch (`tmuxagents help review`). It is in
the journal of both, and told once to who reads both.

At a terminal who speaks stands on the first row of an entry, and the Markdown of what was said is shown as it is
meant. In a pipe every row carries its speaker and the text is as it was written. `--prefix` and `--no-prefix` name who
speaks on every row, or nowhere; `--color always` paints in a pipe too.
"""

_SAY = """
# What became of a text

- **submitted**: the agent has it as a prompt of a new turn; its own hook or transcript says so
- **queued**: the agent is busy and has taken it into its own queue
- **held**: tmuxagents keeps it (`--when-idle`, or a person is typing there) and delivers it later
- **refused**: a dialog is open, there is no input box, or the program would make something else of the
  text; nothing was sent, and nothing is left in the box. Exit code 3
- **unconfirmed**: it was typed, and the agent has not said that it has it. Exit code 5; 0 for a kind that never says so
  (every kind but Claude Code and `demo`)
- **gone**: its program has ended. Exit code 3

The verdict stands on standard output, with the reason; standard error has only what that does not say: the hint.

Options end at the first word of the text: `say api use the --json flag` says all of it. Where the text
begins with a dash, put `--` in front of it; what looks like an option there and is none is an error, and
nothing is said. Without a text standard input is read, and at a terminal `$VISUAL` or `$EDITOR` opens: an
empty text is not said, and one that could not be said is kept in its file.

A text arrives as it was given, less control characters (other than tab and line break) and white space
at its ends. One over `paste_limit` characters goes to a file, and the agent is told to read it. `!` at
the start of a text is no shell command. `/name` is a command of the agent program's, its own, yours or
a plugin's: it is sent where the program's menu shows exactly that name, else refused with the nearest;
to say it as text, put a word in front of it. `/a/path` is text. The panel that a command opens (`/cost`,
`/help`, `/model`) is closed again, and what it showed is a note in the journal; one that opens when a turn
has ended is closed for the next text, or by `deny`, unless a person typed there in the last half minute.
A text that is a picture's path, which the program would turn into the picture, is refused. `/exit` ends
the agent.

A window that somebody's terminal makes small gets room while a text is delivered. A draft found in
the input box is kept in the journal and cleared; one that a person touched in the last half minute is
left alone.
"""

_EXIT_CODES = """
# Exit codes

- 0 done
- 1 the user's error: what is meant is not there, or cannot be done (nobody has that name, a program is not
  installed, the configuration file is wrong). Also `search` and `last` that find nothing, and `notify test` where a
  channel did not take it
- 2 usage: a word of the command line means nothing: no such command, option, setting, kind or profile, or a value
  that is none (`--name "a b"`, `-C` a folder that is not there, an empty text)
- 3 refused, the agent cannot take it now
- 4 timed out
- 5 an agent failed
- 70 a bug, with a report saved
- 130 interrupted

`lock` ends as its command does (`tmuxagents help sharing`).

`wait`, `spawn --wait` and `say --wait` end when nothing is owed: no task that is not taken, no queued or held
message, no last text that is still to come. A dialog is told at once and waited through; with `--no-dialog`
it is 3. A time limit, the wait's or the agent's own, is 4 and says which. A turn that failed, and an agent that
is limited, needs login, lost, killed or ended, is 5; so is an interrupted turn where its answer or the task was
waited for. Of several agents the worst counts.
"""

_CHAT = """
# The chat

`tmuxagents chat` is one conversation with all agents: the merged stream above, one line below. The last page comes
first, and a mark stands where what you have not seen begins. What it has shown counts as read. Leaving (Ctrl-D,
`/quit`, a lost connection) stops nothing. It does what the commands do, by the same services, and nothing else.

What you type:

- `/s TASK` starts an agent; the options of `spawn` stand before the task, which is taken as it stands
- `@agent-2 TEXT`, `@a,@b TEXT`, `@api-* TEXT`, `@all TEXT` say it to these. `@all` and globs mean those who run in this
  project. Names are read as by `say`; one that is nobody's, or could be several, refuses the line
- a text without a name goes to whom the prompt names: who became idle last, until Tab, Shift-Tab or `/to NAME` chooses.
  It never moves while there is text in the line
- `/approve /deny /answer /stop /resume /interrupt /diff /review /merge /run /attach /usage /ls /show /last /catchup`
  are the commands of these names; `/attach`, `/diff NAME` and `/review` have the terminal meanwhile
- `/only NAME...` shows these alone, `/quiet` leaves tool calls and output out; what is left out is not read
- a line that is neither stays where it is, and why is said. What an agent or a command did not take is told in the
  stream, a text with its words; Up brings the line back. A text that begins with `/` needs a name: `@agent-2 /compact`

Keys: Tab completes behind `/` and `@`. Alt-Enter or Ctrl-J is a new line, Ctrl-X Ctrl-E opens your editor, Ctrl-R
searches what was typed, also in earlier chats (`chat-history` in the state directory, 0600): Enter or an arrow takes
it, Esc or Ctrl-C gives your line back. A paste is one text: nothing that comes with it is a key, also where it holds
the mark of its own end.

What was said is dim above the line until its agent has it; then it is a line of the stream. `queued`, `held`, `refused`
and `unconfirmed` are lines too, and `submitted` where the stream does not show the text. Each text ends in one of them,
also where you leave before. Nobody waits for one agent: each has its own line of work; eight are talked to at once, and
one that is stuck does not count.

Leaving waits 15 seconds for what is on its way; Ctrl-D once more does not. What was not begun by then is held, and the
controller delivers it. Where the terminal is gone (a lost connection) the chat goes on without one until all is
delivered or held. A chat that is killed leaves a record of what was entered (`chats/`): the next chat tells each text
that has no end, `not sent` or `unconfirmed`, and sends none of them; Up brings one back.

What an agent wants to do stands above the line, with the command or the diff; F2 (Alt-o) shows all of it, and prints it
into the stream where it does not fit. F8 (Alt-y) says yes to it and F9 (Alt-n) no: only on an empty line, when no key
was pressed for a second, when it has been on the screen for half a second, and only to that very dialog. F8 says yes
only where all that it asks was on the screen, to the last row; what is longer than what the chat has of it (over 120
rows) takes `/attach NAME` or `/approve NAME`. A printable key always goes into the line. `/approve`, `/deny` and
`/answer` settle a dialog that stood there when the line was begun, and none that has come up since; where two wait they
need a name. (With `--plain` the terminal keeps the line: there it is one that was told three seconds ago.)

`--plain` writes line by line and never draws anything anew: for screen readers, phones and terminals that can only
write. There the text without a name goes to one agent until `/to NAME`, and `/edit` takes a text of several lines. A
line that comes while you type stands in the middle of it; what you typed is kept. It needs a terminal too: what comes
from a pipe is for `tmuxagents say`.

The colours follow NO_COLOR; where the locale is not UTF-8 only ASCII is written.
"""

_CONFIG = """
# Configuration

`config.toml` in the user configuration folder (`~/.config/tmuxagents/` on Linux), or the file that
`$TMUXAGENTS_CONFIG` names. Every setting has a default, and an unknown one is an error that names its line.

- `tmuxagents config`: every setting, its value, and where that comes from: the default, a line of your file or of the
  repository's, the environment. Variables and addresses are hidden; `-C DIR` says how it is in another folder
- `tmuxagents config get KEY`: one value, bare. Keys are dotted: `timeout`, `env.CI`, `notices.on`,
  `profile.review.model`
- `tmuxagents config set KEY VALUE…`: writes that line, and keeps the comments and every other line. A list takes
  several values. What is wrong is told, and nothing is written
- `tmuxagents config edit`: opens the file in `$VISUAL` or `$EDITOR`, and checks it afterwards

The keys, with what holds without one:

    naming = "agent"          # without --name: agent-1, agent-2; "task" makes a name of the task (parser-tests)
    paste_limit = 60000       # characters; a longer text goes by file (1 to 10000000)
    draft_patience_s = 30.0   # a draft touched by a person within this time is left alone (0 to 86400)
    confirm_s = 10.0          # how long say waits for evidence (0.1 to 3600)
    raw_limit_mb = 64         # raw output kept on disk for each agent (1 to 1000000)
    clipboard = false         # true: what is copied in an attached window reaches your terminal's clipboard (OSC 52)
    worktree_dir = ""         # where spawn -w makes worktrees; "": ../REPOSITORY.worktrees (help worktrees)
    trash_limit_mb = 1024     # untracked and ignored files that rm puts into the trash with one worktree (0 to 1000000)
    continue = 3              # so often an agent goes on by itself behind a limit (0 to 1000)
    continue_spacing_s = 3.0  # so far apart are those that one limit has stopped (0 to 3600)
    pr_watch_s = 60.0         # between two looks at a watched pull request, longer where nothing moves (1 to 86400)
    max_agents = 0            # so many work at once, others are queued; 0: any number, see help queue (0 to 10000)
    min_free_memory = "500M"  # nobody else begins while less is free; "0": whatever is free
    max_unreviewed = 0        # nobody begins while the finished work of so many waits for you; 0: off (0 to 10000)

What `spawn` takes where its command line is silent:

    kind = "claude"
    model = "opus"
    permission_mode = "plan"
    timeout = "2h"            # 0: no limit, as without it
    budget_usd = 2.5          # begin no turn once it has cost so much; 0: no budget (help usage)
    budget_tokens = "100k"    # the same, by tokens
    budget_interrupt = true   # and stop the turn that passes it
    trust = true              # as spawn --trust; --no-trust takes it back
    args = ["--verbose"]      # what stands behind --
    labels = ["mine"]
    env = { CI = "1" }        # --env adds to it

    [worktree]                # what spawn -w makes ready (help worktrees)
    copy = [".env"]           # untracked files of the main checkout; without it local settings of Claude Code
    link = ["node_modules"]   # symbolic links to those of the main checkout
    setup = ["npm ci"]        # run before the agent's program
    trust = "follow"          # trusted where the repository is; in your own file alone

    instructions = ""         # added to the system prompt of every agent
    allowed_tools = ["Read"]  # what it may use without asking, as its program names it
    max_turns = 20            # of the model, where there is no terminal (--print); 0: no limit

    [profile.quick]           # spawn --profile quick
    model = "sonnet"
    permission_mode = "plan"

    [role.reviewer]           # spawn --role reviewer: the same, and ls --json and show call the agent so
    model = "opus"
    instructions = "You review. Name file and line of what is wrong; change nothing."
    allowed_tools = ["Read", "Grep", "Bash(git log:*)"]
    env = { CLAUDE_CONFIG_DIR = "/home/me/.claude-second" }   # another account

`model`, `permission_mode`, `args`, `instructions`, `allowed_tools` and `max_turns` are for one agent program: they are
not given to an agent of another kind than the one that they were written for, and a role that has such words is refused
for another kind. A kind that has no way for one of them says so. A role is a profile that an agent is known by: both
hold the same keys, a name is either, and `--profile` and `--role` each find both. What an agent was started with stays
when it is resumed.

## A repository's settings

The file `.tmuxagents.toml` at the top of a git repository (of the main checkout, for a worktree) may hold the
settings of `spawn`, and profiles. What counts, the first that says something: the command line, the profile that you
named, the repository's file, your own, the default. A profile of your own hides one of the repository's.

A repository may be anybody's. Without your consent its file sets naming, labels, which files are copied into a new
worktree, and a lower time limit or budget than your own file's; nothing else of it is applied, and `spawn` says so.
`tmuxagents trust [DIR]` shows the file and what in it needs you, and asks. The consent is to exactly that text at
that place: after any change you are asked again. `tmuxagents trust --digest SHA256` consents in a script; the digest
is what `sha256sum` prints. `--list` and `--revoke` do what they say. `spawn --trust` is Claude Code's own trust in a
folder, and consents to nothing here. In an agent's own shell `trust` is refused.

A file that leads out of the repository, belongs to another user, is larger than 64 KiB or holds a wrong setting
counts for nothing, and `spawn` says so.

The table `[notices]` says how you are called: `tmuxagents help notices`.
"""

_TOP = """
# The dashboard

`tmuxagents top` shows a row for each agent, those who need you first, then who works, who is queued, and who has
finished; below or beside it the window of the one that you are at. It is drawn anew when something happens, and costs
next to nothing while nothing does. Whatever it does is a command's: leaving it stops nothing.

    up down, j k, 1 2 12      move, jump to a number; the mouse does too
    space                     peek: all of one agent, and a line to reply
    t                         a line to it: delivered, proven and refused as by `say`; what is refused, t has still
    +                         start an agent
    F8 F9 F7 F6               yes, no, no with a reason, choose an answer; Alt-y, Alt-n, Alt-r, Alt-c are the same
    enter                     attach: the real tmux; C-b d comes back (in a tmux of yours C-] d)
    d                         its diff, in your pager
    i s r                     interrupt, stop, resume; each asks first, and F8 is the yes
    p x .                     pin; dismiss a finished one, or take that back; show the dismissed
    / esc                     filter; everybody again
    g                         the graph of its run, and back
    ? q                       the keys; leave

Behind `+` stands a task (a paste of several lines is one), and before it the options of `spawn`: `--name api -w look at
the parser`. The agent starts in the folder that `top` was started in, or in that of `-C`; without room it is queued. It
is selected when it is there, unless you have pressed a key since. What is refused, or left with `esc`, `+` has still.

Nothing is settled blind. F8 and F6 count only when all of the dialog has been on the screen for half a second (PgDn
reads on in a long one) and no other key was pressed for a second, and only for that very dialog: where it has changed
meanwhile nothing is settled. F9 and F7 may be given before its end was read. A dialog of which only a part is known
is approved where it is (`enter`).

No key that prints something does what cannot be undone: a word that you type by mistake, for a line that is not open,
settles no dialog and ends nobody. The questions of `i`, `s` and `r` want F8 too, after a second's rest; a letter within
a second of another does nothing to an agent, nor leaves. While you type a line every printable key goes into the line.

The filter takes words that all have to fit: in a name, a state, what it does or said, its folder, run or kind;
`"two words"` stand together, and a dash in front takes away. `folder:api`, `run:night`, `kind:claude`, `name:web`,
`state:waiting`, `is:pinned`, `is:dismissed`, `is:unread`, `is:conflicting` and `is:needy` look at that alone.
`folder:` takes any part of the path, `~/src` too; a field or a state that there is not names those that there are. It
can be given with the command: `tmuxagents top --here state:waiting`.

The columns: TURN, TOK/S (tokens of output a second, of the last half hour), COST (against the budget), CTX (what is
left of the context), FILES (changed in its worktree), CONF (with how many it conflicts), QUEUE (its place). What a
narrow terminal has no room for is left out. `*` is pinned, `-` dismissed, `•3` what nobody has read. `›` at the edge of
a window says that it is wider than its place. While tmux does not answer agents are `unknown`, and count as that alone.

In the user's own tmux it opens as a popup (`contrib/tmux/popup.conf`). NO_COLOR takes the colours away, and a locale
without UTF-8 everything that is no ASCII.
"""

_QUEUE = """
# The queue

What bounds the agents that work at once, in your own `config.toml`:

    max_agents = 4            # that many are starting or working
    min_free_memory = "500M"  # as long as less is free, nobody else begins
    max_unreviewed = 3        # as long as so many have finished work that you have not looked at, nobody begins

A `spawn` for which there is no room is `queued`, and says where it stands:

    Queued agent-7: fix the parser (3rd; max_agents = 4)

`--now` starts it whatever the bounds are. `tmuxagents queue` lists who waits; `queue move NAME first|last|N` gives
another place, `queue drop NAME` takes one out, as `stop` does. The controller begins the next one when there is room,
one after the other and not all in one instant, after a restart too. Whatever is killed meanwhile, none is started twice
and none is forgotten.

Only starts are held back. Agents that wait for you, are idle or limited are not counted, and nothing holds back `say`,
`approve`, what you type, or `resume`: then more may work for a while. `resume NAME` of one that is queued starts it at
once. `resume --all` brings all back that are lost, one after another, past the queue: they had begun before. Who is
queued begins beside them as far as there is room.

You and each run take turns: whoever has asked for a hundred is not in the way of who asks for one. What was asked for
counts as it was then: the task, the options, your environment, the commit that `-w` begins with. With `--branch-off`
the copy is made at once, and only its program waits. What is wrong when its turn comes (the folder is gone, a branch is
taken) makes it `failed` with the reason, and the next one begins; `resume` tries it again.

Memory never holds back the only one. An agent that has just been started counts with the 300 MB that it is about to
take. For `max_unreviewed` work counts that an idle or ended agent has in its worktree, that has not landed, is in no
pull request and was not reviewed since it changed, as `ls` shows it. On a full disk nobody begins.

`say` to one that is queued is held and delivered when it has done its task, `wait` waits. Its states are
`queued`, then `starting`; its time limit counts from its start.
"""

_USAGE = """
# Usage, budgets and limits

`tmuxagents usage` shows the tokens of each agent, what they cost, the tokens of output for each second that its turns
ran, what is left of its context, and its share of its budget; `--by run`, `day`, `account` or `model` the sums of all,
removed agents too, `--since 8h` what is newer (in quarters of an hour). Cost is what the agent program says. What
nobody knows, a cost or tokens, is `-` and never 0, and a sum over such a one says "at least". A day is one of this
machine's; a cost counts to the model by which the agent worked when it was told.

An account is told by its configuration folder (`CLAUDE_CONFIG_DIR`), and by a digest of the key or token in its place.

## Budgets

    tmuxagents spawn --budget 2.50 "…"            # dollars
    tmuxagents spawn --budget-tokens 100k "…"     # tokens, those of the cache too, as `ls` counts them
    tmuxagents budget api 5                       # raise it; --tokens 200k, 0 for none
    tmuxagents budget api                         # what is spent of it

At four fifths, and when it is reached, an entry says so and you are called, also where `budget` sets it to what is
spent. From then on no turn of ours begins: `say` is refused (exit code 3), and so is what was held, and a continuation
behind a limit, until it is raised; then what was held is delivered. The turn that runs may pass it, and when it ends it
is told by how much; with `--budget-interrupt` it is stopped at the first figure past it. While a turn runs a text is
held, and not put into the program's own queue. What you type at its window is told, and never kept from the program.

`budget_usd`, `budget_tokens` and `budget_interrupt` are settings too (`help config`). Where a program does not say what
it costs, it is told that no budget is kept. In an agent's own shell `budget` changes nothing.

## Limits

Where the program tells when a usage limit ends, an agent that it has stopped goes on then: it is told `continue`, once
for each limit, `continue_spacing_s` apart where one limit has stopped several, and at most `continue` times until a
person has said something. `ls` says "until 14:05, continues then". Nothing is said in front of a dialog, where somebody
has begun a text in the input box, when somebody has said something meanwhile, or when it has gone on by itself: newer
versions of Claude Code do, some minutes later, and have that time (their setting `autoContinueAtUsageLimit`).
What was held waits for the end of the limit too. `continue = 0` has nobody go on. Whoever waits for one that is
limited (`wait`, `--wait`) is told until when.

Several on one account are told as one, in one notice and one line below `ls`. Where the end is not told, as of a
limit of requests by the minute that did not pass within the program's own tries, the agent stays `limited` until
somebody says something: `tmuxagents say api continue`.
"""

_NOTICES = """
# Being called

When an agent starts to need you, fails, is limited, is lost or nears its budget, and when a run has failed, you are
called: by a message and a bell in every terminal that is attached, until the table `[notices]` of `config.toml` says
otherwise. `tmuxagents notify test` sends one over each channel and says what became of it.

    [notices]
    on = ["needs", "failed", "limited", "lost", "budget"]   # add "finished": ended turns, done runs
    channels = ["tmux"]            # tmux, desktop, osc, command, webhook, ntfy
    escalate = ["ntfy"]            # these too, when nobody has reacted ...
    after = "10m"                  # ... after so long
    cooldown = "60s"               # see below
    include = "text"               # what is asked may leave the machine; without it only name, state and need
    osc = "auto"                   # or "9", "777", "99"
    command = ["my-notify"]        # is given JSON on its standard input
    webhook = "https://example.org/hook"
    ntfy = "https://ntfy.sh/my-topic"

- **tmux**: a message and a bell in every terminal that is attached to the private server
- **desktop**: `notify-send`, with buttons where it has `--action`; `osascript` on macOS
- **osc**: the sequence of your terminal (iTerm2: 9; WezTerm, Ghostty, foot, VTE: 777; kitty: 99), through SSH too.
  `auto` goes by what the terminal calls itself. Inside your own tmux name one, and set `allow-passthrough on` there
- **command**: a program of yours. It has ten seconds, and 0 means that it was told
- **webhook**: JSON by POST, with the id as `Idempotency-Key`. **ntfy**: a topic of an ntfy server. Both take
  `https://user:password@host/`; no redirect is followed, and no proxy is asked

Each transition is one notice. It is recorded together with the transition and has an id; one whose sending was cut
off is sent again with the same id. What a channel refuses is tried six times within ten minutes, and no longer when
it was settled meanwhile. `tmuxagents doctor` tells of a channel that did not take the last one, or the last
`notify test`. A time limit that ends an agent is a failure.
The controller calls, and lives in the private tmux server: when that dies nobody calls before the next command.

A dialog is told once, a new dialog at once. Any other kind about the same agent is kept back while one of its kind is
younger than `cooldown`, and told then if it still holds. While you look at that very window (attached, and typed at
within two minutes) nothing is sent, nor about what was settled, resumed or removed before it could be. Escalated is
what nobody has settled and nobody looks at.

The command in a notice names the dialog: `tmuxagents approve NAME --dialog ID` is refused (exit code 3) when another
dialog stands there by now. That of a fleet whose state directory is not the usual one names it with `--state-dir`,
where it leaves the machine only with `include = "text"`.

The end of a run is one notice: `failed` where a task did not succeed, whatever the reason (its budget and its time
limit too), `finished` where all did, none where somebody stopped it. It tells how many tasks came to what, and to type
`show RUN`. It is recorded together with the end, so there is one however often the controller dies, and none is sent
when the run was resumed or removed before it could be.

The JSON: `{"v", "id", "at", "notice", "agent", "agent_id", "generation", "run", "state", "needs", "dialog_id",
"command", "escalated", "text"}`; `notice` is needs, failed, limited, lost, budget, finished or test. For a run, `run`
and `agent` are its name, `agent_id` is its id, `generation` 0, `state` done or failed. The command is told the `text`;
what leaves the machine only with `include = "text"`.
"""

_FILES = """
# Files

The state directory: `--state-dir`, `$TMUXAGENTS_STATE_DIR`, else the platform's user state folder
(`~/.local/state/tmuxagents` on Linux). Another state directory is another fleet.
It is made with mode 0700. One that is there already must be yours, and closed to others or one that was used before.

- `tmuxagents.db`: agents and journal (SQLite)
- `agents/ID/`: an agent's hooks, settings, environment (0600), raw output, last screen, and a copy of
  its row (`agent.json`); while it is queued the environment of who asked for it (`asked.json`, 0600); of one that was
  branched off the copy that its conversation began with (`branched.jsonl`)
- `runs/ID/`: the environment in which a run was begun, and a copy of it with its manifest (`run.json`), both 0600.
  Where the database is lost the run is made again from that: done is what its agents' own sources prove, all else has
  failed and begins only by `run --retry-failed`
- `reviews/`: what was written into a review and has not arrived yet; gone when it has
- `trash/ID/`: worktrees that `rm` put away (`tmuxagents help worktrees`)
- `locks/`: who holds and waits for named locks; safe to delete while nobody does
- `set-ups/`: locks of which each set-up of a worktree holds one; safe to delete while none runs
- `chat-history`: what was typed in chats (0600); yours to delete
- `chats/`: what was entered in chats and has no end yet (0600); the next chat tells what one that was killed has left
- `consents.json`: to which texts of repositories' settings you have consented (`tmuxagents trust --list`)
- `notices.json`: the settings of notices that counted last; they count on while your file is wrong
- `damaged/`: a database that was damaged, as it was found, with the report of its rebuilding; yours to delete
- `bin/`, `tmux.conf`: generated; safe to delete while no agent runs
- `tmux.sock`: the private tmux server listens there; `socket` says where, should the path be too long
- `controller.log`, `bugs/`: reports of bugs
"""

_ENVIRONMENT = """
# Environment

What tmuxagents reads:

- **TMUXAGENTS_STATE_DIR**: the fleet's state directory, an absolute path (`--state-dir` comes first)
- **TMUXAGENTS_CONFIG**: the configuration file, in place of the usual one
- **NO_COLOR**, **FORCE_COLOR**: no colours, or colours in a pipe too; `--color` comes first
- **COLUMNS**: how wide to write, also in a pipe
- **PAGER**, **LESS**: how long answers of `show` and `search` are shown at a terminal (`less -FRX` without them;
  `PAGER=cat` shows them as they are); **GIT_PAGER**: how `diff NAME` is shown, as git's own diff is
- **VISUAL**, **EDITOR**: where a text is written (`vi` without them)
- **PATH**: where agents' programs are found; **HOME**, **XDG_STATE_HOME**, **XDG_CONFIG_HOME**: where state and
  configuration are; **XDG_RUNTIME_DIR**: where the socket is when the state directory's path is too long for one
- **LC_ALL**, **LC_CTYPE**, **LANG**: without a UTF-8 locale agents get one
- **TMUX**: whether you are in a tmux of your own, in which `attach` nests; **TERM**: what your terminal is;
  one that the machine does not know is taken for an `xterm-256color`
- **TMUXAGENTS_PORT**: set for the program of an agent with a worktree of its own: a port that no other agent has
- **TMUXAGENTS_NAME**: set for an agent's program, with its name. A command that it types is known as its own without
  it too: by the parents of its process and by its terminal

An agent gets the variables of who started it, less those that describe a terminal, and what `--env` and the
configuration say. The variables of Claude Code's own that would nest one in another are left out.
"""

_COMPLETION = """
# Completion

Commands, options and their values, names, states and topics complete. `pip`, `pipx` and `uv` install the scripts below
`share/` of the environment; where the shell does not look there, have it read what the command prints:

- **bash** (4.4 or newer): `tmuxagents completion bash > ~/.local/share/bash-completion/completions/tmuxagents`
- **zsh**: `tmuxagents completion zsh > ~/.zfunc/_tmuxagents`, and in `~/.zshrc` before `compinit`:
  `fpath+=~/.zfunc`
- **fish**: `tmuxagents completion fish > ~/.config/fish/completions/tmuxagents.fish`
"""

_WORKTREES = """
# Worktrees

Agents in one checkout change each other's files. `spawn -w` gives an agent a git worktree of its own:

- its branch is `tmuxagents/NAME`, new, and begins where you stand (HEAD), or with `--base REF`
- its folder is `../REPOSITORY.worktrees/NAME` beside the main checkout (of a submodule: beside the outermost
  repository); the setting `worktree_dir` says another place. Where another checkout would see it as untracked, that is
  said
- from a folder below the top the agent starts in the same folder below
- `--worktree=BRANCH` takes a branch of yours: one that is there and checked out nowhere, one of that name that a remote
  has, which it follows then (as `git worktree add` does), or a new one. A name that a tag or a remote's branch has
  (`v1`, `origin/topic`) is refused
- where a branch or a folder of that name is there already, ours gets a number (`tmuxagents/NAME-2`)

The worktree is locked (`git worktree lock`) until its agent is removed. The user's own hooks and filters run as
`git worktree add` runs them. Nothing is made where anything is refused.

A worktree has what git tracks. What else its agent needs says the table `[worktree]` of your configuration, or of the
repository's `.tmuxagents.toml` (`tmuxagents help config`):

- `copy`: files of the main checkout that git does not track, by patterns as in a `.gitignore`. Without it Claude Code's
  local settings are copied: `.claude/settings.json` and `.claude/settings.local.json`. A file `.worktreeinclude` at the
  top of the main checkout, with a pattern a line, counts besides. A folder that git knows nothing in is gone into only
  where a pattern names it: `.env` is not looked for in `node_modules`
- `link`: folders or files of the main checkout that the worktree has as symbolic links. What the agent changes there it
  changes in the main checkout, and so does an `npm ci`. `node_modules/` in a `.gitignore` means no link, `node_modules`
  does; where git would take the link in, that is said
- `setup`: commands that run at the top of the worktree before the agent's program, in its window and with its variables
- `trust = "follow"`: the worktree is recorded as trusted in Claude Code's configuration where the main checkout is
  trusted there. It counts in your own configuration alone; without it, and without `--trust`, Claude Code asks

What is at its place already is never written over. Nothing that leads out of the checkout is copied or linked, and that
is said. Where the repository is bare there is no main checkout to take from.

While commands of `setup` run the agent is `starting`, with the command as its reason; what they print is in the
journal. At most as many worktrees are set up at once as there are cores. At a terminal `spawn` shows how far it is:
^C ends that look and nothing else. A command that fails leaves the agent `failed`, with its last words; `resume` runs
the set-up again, as the configuration has it then, and refuses while that needs your consent. One that was carried out
whole is not run again. Commands read
nothing from the terminal; what is said to the agent meanwhile is held.
`--timeout` counts the set-up too.

A copy that is as it was is nobody's work: no `diff` shows it, no `merge` lands it. One that was changed keeps `rm` from
going on, also where git ignores it.

Each agent with a worktree has a port of its own, 20000 to 29999, in `$TMUXAGENTS_PORT`: nobody listened there when it
was given, no other agent has it until this one is removed, and it is kept over a `resume` where it is free still.

`rm NAME` removes the worktree with its agent, and refuses while it holds what is nowhere else: changed or untracked
files, commits that no other branch, tag or remote branch has, a stash of its branch, a rebase, merge, cherry-pick,
revert or bisect under way, a submodule with what its remotes have not. `rm --trash NAME` removes it all the same.
Either way everything is kept first:

- tracked, staged and untracked files in a commit under `refs/tmuxagents/trash/ID`, with the commits that only the
  worktree's own records name
- the folder itself is moved whole into the state directory (`trash/ID/tree`), ignored files, nested repositories and
  modes included; where that is on another disk, beside the worktrees (`.tmuxagents-trash-ID`). A folder of which
  every file is one of its commit is not kept a second time
- git's own directory of the worktree, with its index and the repositories of its submodules, in the repository's
  `tmuxagents/ID`
- the branch is deleted if it was made for the agent and is still where it was; a branch of yours stays

More than `trash_limit_mb` of untracked and ignored files is refused, with what is big. `restore NAME` brings the
agent back with its worktree: branch, index, files, modes. Where its branch has moved on or is checked out elsewhere the
worktree is put on its own commit, and that is said.

`prune` lists the trash, worktrees without an agent, merged branches that were made for one, and agents without their
worktree; `prune ID` acts on that one: what lies in the trash is deleted for good. No command uses `--force`, and
nothing is deleted because it is old.

A worktree that was moved or removed by hand is told by `show`, `attach` and `resume`, and `rm` refuses, as what was in
it cannot be seen: move it back, or say where it is (`git worktree repair FOLDER`). With `--trash` what git has of it is
kept; `restore` checks out its branch again with what was staged, or takes the folder as it is where it was moved back.
What is copied and linked into a new worktree is brought again, and `resume` carries out its set-up.
`merge --commit` lands no checkout of which every file is gone. Where the repository is gone, or knows nothing of the
folder, `rm` refuses as well; with `--trash` the folder stays where it is, and `prune` lists it. A branch that somebody
deleted while it was checked out comes back with `restore`, at its last commit. What `git worktree move` moved is
removed where it is now, and not while somebody else's `git worktree lock` is on it.

## Branching off

`spawn --branch-off api "try it with a queue instead"`: a new agent that goes on with a copy of api's conversation, in a
worktree that begins with api's commit and, not committed, with everything that lies in its checkout now: changed and
untracked files byte for byte, deleted ones gone. What was staged is there and not staged; what is ignored, repositories
within, submodules' own work and a merge or rebase under way are not. api may be in the middle of a turn and is not
touched: no file, index, branch or line of its conversation. What it was just doing counts as interrupted in the copy.
Where it wrote while it was copied that is tried again, and said where it never stopped. Model, permission mode,
arguments and scope are api's where the command line says nothing; the branch goes into the one that api's goes into.
Kinds whose conversation cannot be copied, and folders outside of git, are refused.

## A scope

`spawn --scope 'src/auth/**'` (once or several times): the agent may read everything and change only that. The paths
are those of the checkout that it works in, from its top. `*` is any run of characters of one name, `?` one character,
a name `**` any number of folders; a last name without them means that path and everything below it. Brackets are plain.

- What Claude Code's own tools (Write, Edit, MultiEdit, NotebookEdit) would change outside is refused before it happens,
  in every permission mode, by where links lead; the agent is told in one sentence, and `tail` shows it. It holds with
  nobody there to control. What cannot be decided is refused. Only Claude Code's own plans, outside of the checkout, may
  be written too
- What is changed in another way (a shell's `>`, another program, every other kind of agent) is not prevented. It is
  noticed within two seconds, while the agent works and when a tool or a turn ends, where git sees it: committed or
  not, but not what is ignored, in a repository within, or outside of the checkout. `tail` says it once for each file,
  `ls` and `show` as long as it is so. Where others work in the same checkout nobody can say who it was.
  What the set-up of a worktree makes is none of it
- `ls` names live agents of one repository whose scopes can meet in a file. `resume` keeps a scope
"""

_REVIEW = """
# Review

`diff` shows what an agent has done in its worktree (`spawn -w`): from where its branch left the branch that it goes
into, to what lies there now, committed, staged, unstaged and untracked together. What is ignored is not in it, nor a
repository within; of a submodule its commit counts. That branch is the one that was checked out where `spawn -w` was
typed, or the one that `--base` named; without one it is that of the main checkout.

- `diff` is one line for each agent with a worktree: files, lines, commits (`and more` is work that is not committed),
  when it changed last, and whether it would merge now, uncommitted work included. While a rebase, a merge or the like
  is under way in it, that is said instead; `conflicts` and `ls` then try it with nobody
- `diff api` is the difference, by your own git: your `diff` settings, your pager (`core.pager`, `pager.diff`), programs
  like delta or difftastic. At a terminal a control character of a file is shown (`^[`), not obeyed; in a pipe the bytes
  are as git writes them, to be applied with `git apply`: binary files are whole, and no program shows it in git's place
- `diff api --stat`, `--name-only`, `--json`

`review api` opens the difference in your editor, as plain text whatever your `diff` settings show in its place. A line
that begins with `>>` is a comment on the line above it; below a file's own head it is on the file, above the first
file on the whole. No line of a diff begins so: those of a file have a blank, `+`, `-` or a backslash in front. When you
leave the editor all comments go to the agent as one prompt, proven as `say` proves it, each with its file, its line (of
the file as it is now; of a removed line the one before, which is said) and up to three lines quoted.

- nothing is sent where nothing was written, nor with `--dry-run`, which prints what would be
- the agent may have gone on meanwhile: the lines are quoted as they were shown, and that a file has changed is said
- lines of the diff that were changed by accident count as they were; what is neither theirs nor a comment is told
- what could not be sent (a dialog, a draft, an agent that has ended) is kept, with the command that sends it again;
  what the agent has already is not said twice. So is what a kind that confirms nothing was sent (`unconfirmed`, exit
  code 0), and what `--dry-run` has printed until it is sent
- `review api > api.review` prints the text (`--print` does so whatever standard input is), `review api - < api.review`
  sends what was written into it
- a round whose comments have arrived is in the journal; `review api --again` shows what has changed since, without what
  a rebase or a merge has taken over from the branch

What was shown is kept in the repository under `refs/tmuxagents/review/ID`, where `git gc` does not delete it, until the
agent is removed. It is no commit, branch or tag: no log shows it, and only `git push --mirror` would push it.

`conflicts` tries every pair of agents in worktrees of one repository, and each with the branch that it goes into, with
what they hold now: who, which files, which lines. `conflicts api` tries the pairs with that one. It says what git would
say of a merge, by git's own merging, without the merge drivers of a configuration. One that has nothing which its
branch has not conflicts with nobody.

The controller does the same by itself for the newest forty agents with worktrees of a repository: when an agent has
said or done something, or git has written there, and then nothing for a second, and never for more than a small part of
one core. Two that begin to conflict are told in the journal, once, and again when that is over; what could not be
looked at (a git that hangs, more than 5,000 files or 200 MB that are not committed, a repository of another user) is
told too.
`ls` shows what was measured last, and starts no git: under WORK the files changed, `↑` the commits that its branch has
not got, `↓` those that it has got since, and how old that is (`5 files ↑2 ↓1 3m`; `?`: it could not be looked at since;
`gone`: the worktree is not where it was), and `≠` beside the name of one that conflicts. `show` says it all.

For `diff` and `conflicts` neither an index, a branch, a file nor the repository's objects are changed: what git has to
make is made elsewhere and deleted. For `diff` without a NAME and for `conflicts` nothing is run that a repository or an
agent in it has configured; so a file with a filter (LFS) that is changed and not committed counts as it lies there, and
one that is as git wrote it is no change.

`merge api` lands its work in the branch that it goes into, or in `--into BRANCH`. A branch that has stood still is
moved on; one that has not gets a merge, by you, with your signing, your merge drivers and your `commit-msg` hook (no
other hook of a merge is run). `--squash` makes one commit of it, `--message` says its message. It is refused, and then
nothing is changed:

- in a turn of the agent's, or while a rebase, a merge or the like is under way on either side
- while a conflict is not settled, as after a `git stash pop`
- while work is not committed; `--commit` commits all of it first, as `git commit` does, hooks and all, unless it would
  conflict. What a hook refuses stays staged as it was
- on a conflict; the files are named
- where the branch is checked out and holds uncommitted changes, or a file that is untracked or ignored is in the way,
  or another agent works there in a turn

Several NAMEs are landed one after the other, those that change the fewest files first; the order is said, and one that
is refused does not keep the others. In one repository one `merge` waits for another, for a minute at most; where you
or another program move the branch on meanwhile it is tried once more. Nothing is forced.

An agent that has ended is removed when its work has landed, as `rm` does it (`tmuxagents help worktrees`): its worktree
and branch go into the trash, `restore` brings them back, and where anything of it is nowhere else it stays, and that is
said. `--keep` leaves it. One that runs stays as it is, and so does one that is lost. `rm` removes it later, after
`--squash` too: commits that were squashed count as elsewhere while a branch, a tag or a remote's branch has what was
made of them.

`merge api --resolve` says to the agent, where its work conflicts, with which branch and in which files, and has it
rebase. That is watched by the controller, whatever becomes of your terminal: when the agent's turn has ended the
journal says `resolved: it merges into main now`, or why not. Then `merge api` lands it; until then the exit code is 3.
"""

_PR = """
# Pull requests

`pr api` pushes the branch of that agent and opens a pull request for it with GitHub's `gh`. It is typed by you, so
your git does it: your remote (`branch.NAME.pushRemote`, `remote.pushDefault`, `branch.NAME.remote`, `origin`),
credentials and `pre-push` hook. Nothing is forced: what the other side rejects is told in its own words. After `merge
--resolve` has had the branch rebased it is pushed with `--force-with-lease`: in place of the commit that it was at
before, as long as the other side is at that commit still, and no other. Where the branch has an open pull request
that one is named, and what is new is pushed. Without `gh` the branch is pushed, and the command to type is printed.

- it goes into the branch that the work began on, where the remote has that, else into the remote's default branch,
  which is said; `--base BRANCH` says another
- the title is that of the first commit, the text what the commits say; `--title`, `--body`. What the agent was told
  to do stays on this machine, unless a commit says it. `--draft`
- refused, and then nothing is pushed: in a turn of the agent's, with work that is not committed, without a commit of
  its own, without a remote, with no branch checked out, on the branch that pull requests go into, or where no
  remote has the branch that `--base` names

`pr api --watch` has the controller look at it until it is merged or closed, also when your terminal is gone:

- checks that fail, when all have ended (or one failed ten minutes ago), and comments, reviews and comments on lines
  go to the agent as one prompt, held until its turn has ended as by `say --when-idle`; each once
- at most `--rounds N` prompts (default 3). What comes after that is told to you, in the journal, and it is not
  watched any more; `pr api --watch` again gives new rounds
- only comments of people who may write to the repository go to the agent, as GitHub's permission of each says (write,
  maintain or admin); where GitHub does not tell you that, only the owner's. They are quoted row by row, named by
  their author and cut at 2,000 characters. The others, and those of programs, are counted in `show` and `pr`. What
  your own account wrote goes to it too, unless it was written in or near a turn of the agent's, which may have
  written it itself
- a check is told once for each commit, however often it runs again
- while its program is over (stopped, lost) nothing is looked at; `rm` ends the watch, and so does `pr api --unwatch`

`ls` says how it is (`pr #12: checks fail, 1 of 3 rounds`), as it was found at the last look. One is every
`pr_watch_s` seconds (60), up to five times as long where nothing moves, and up to fifteen where GitHub cannot be
asked: that is told when it begins. A `gh` that hangs is killed after a minute. The controller asks by the login that
`gh auth login` keeps, not by a variable of your shell, and from no repository.
"""

_SHARING = """
# Sharing

Agents that work beside each other share what there is once: a database, a port, a device, a branch that is pushed.

## Locks

`tmuxagents lock NAME -- CMD ARG...` runs a command while the lock NAME is held, and ends as the command does. A person
types it, and an agent from its own shell. Names are anybody's: a lock is there when somebody asks for it.

- one set of names for the whole fleet (the state directory), whatever project one stands in; put the project in the
  name where it is meant: `shop/db`
- who comes first has it first. `--wait 60` gives up after that long, with exit code 4, and nothing is run; `--wait 0`
  does not wait; without it one waits as long as it takes
- it is free when the command has ended, however it ended. Where the `lock` around it was killed the command itself
  still holds it: the kernel frees it when both are gone. A command that closes what it inherits (`ssh`, `sudo`) holds
  it through the `lock` around it alone
- what the command leaves in the background does not hold it: a server that was started once would never give it back
- it is never taken away, however long it is held, and one that is suspended (Ctrl-Z) holds it
- keys and signals (INT, TERM, HUP, QUIT, USR1, USR2) are the command's to answer
- within a lock, `lock` of the same name runs at once
- who holds one lock and asks for another, whose holder waits for the first, is refused at once with exit code 4, and
  told who holds what: waiting would never end. It goes round any number of locks, and who is suspended counts. Ask for
  several in one order everywhere
- the lock of a run's task is kept for its agent: `lock` of that name inside the agent runs at once, all others wait
  until the task is over

`tmuxagents locks` says who holds and who waits, since when and for which command; `ls` and `show` say it of an agent.
Exit codes: the command's, 128 + N for signal N, 4 where it was not had in time, 127 and 126 as a shell says them.

## The board

`tmuxagents note add TEXT` puts a fact on the board of the repository that one stands in, which all its worktrees share;
outside of git on that of the folder. `--run RUN` means the board of a run. Agents and people write and read it alike:

- `note list` says what stands there, who said it and when; `-a` also what is done. `note done N` takes one off
- a note has at most 2,000 characters, a board at most 500 that are not done. What a terminal would obey is left out
- it is kept in the state directory, and no agent is told of it: whoever is to look is told to (`contrib/skill` does)
- `note write` writes it to `.agents/parallel-context.md` at the top of the checkout. A file there that is not as we
  left it is somebody's and stays: that is refused, with exit code 3. No symbolic link is followed. It is an ordinary
  untracked file: add it to git, or ignore it, as you like
"""

_MANIFEST = """
# Manifests

A manifest is a file that says which tasks are to be carried out together: YAML 1.2, or TOML where its name ends in
`.toml`. It is checked whole before anything starts. Everything that is wrong is told, each fault in one line
with `FILE:LINE:COLUMN`, twenty of them at most; what would only follow from a fault is not.

    name: Release check
    max_parallel: 4
    budget_usd: 6
    defaults:
      timeout: 20m
    tasks:
      lint:
        command: make lint
      review:
        for_each: {glob: "src/*.py"}
        prompt: "Review {{ item }}. Answer with a line for each fault."
        model: haiku
      mend:
        for_each: {lines_of: review}
        prompt: "Mend this, and nothing else: {{ item }}"
        worktree: true
        scope: [src]
        check: make test
        retries: 2
      report:
        join: {of: [lint, mend], need: 1, whole: true}
        prompt: |
          {% for each in join.missing %}
          Did not succeed: {{ each.id }} ({{ each.error }})
          {% endfor %}
          Write the release notes from this:
          {{ join.answers }}
        model: opus

`tasks` is a table by id, as here, or a list of tables with `id`. In TOML that is `[tasks.lint]`, or `[[tasks]]` with
`id = "lint"`. An id has a-z, 0-9 and single hyphens, and at most 24 characters: it is part of its agent's name.

## Of the whole

- `name`: what it is about, shown by `runs`; without it the file's name. The run itself is `run-1` (`run --name`)
- `max_parallel`: how many of its tasks run at once
- `budget_usd`, `budget_tokens`: what all tasks together may use. Each agent's task without a budget of its own gets an
  even share of what the others leave, each element of a repeated one too, as far as they are known before the run
  (else the task counts as one). `split: none` splits nothing: then only the whole is bounded. Four fifths of it, and
  its end, stand in `tail`; `budget RUN 5` raises it, the shares too, and `run --retry-failed` goes on
- `timeout`: how long the whole may take: seconds, or `90s`, `20m`, `2h`, `1d`
- `defaults`: keys that hold for every task which does not have them; `env` is put together. What is for agents'
  programs (`model`, `mode`, …) does not reach a command. `prompt`, `depends_on`, `join`, `for_each` and what a program
  is (`args`, `command`) stand in a task alone

## Of a task

- `prompt`, or `prompt_file`: what its agent is given; a path is relative to the manifest
- `command`: a shell line in place of an agent; or `kind: command` with `args`, a list: the program and its arguments
- `kind`, `model`, `permission_mode`: as for `spawn`. `role`: a role of the configuration
- `depends_on`: ids of tasks that have to succeed first. What a text uses of other tasks is waited for without it
- `join: {of: [a, b, c], need: 2, timeout: 20m, late: stop}`: begins when `need` of them have succeeded (without it:
  all), or at the `timeout` if so many have. `late: keep` lets the others go on. `whole: true`: begins no sooner than
  all are over, and tells of those that failed
- `for_each`: one task for each element: a list, `{glob: PATTERN}`, `{lines_of: ID}` (each line of its answer) or
  `{matrix: {os: [linux, macos], python: ["3.12", "3.13"]}}` (every combination). `chunk: 5` gives five elements to one
  task; with it a list is `{items: [a, b], chunk: 5}`
- `parallel: false`: nothing runs beside it
- `dir`: the folder that it works in, relative to the manifest
- `worktree: true`, or the name of a branch: as `spawn -w`. `scope`: what it may change (`tmuxagents help worktrees`)
- `env`: variables, names with texts
- `timeout`: of one attempt. `max_turns`. `retries`: how often it is tried again, 0 to 100
- `budget_usd`, `budget_tokens`: of all its attempts together
- `locks`: names of locks that its agent holds
- `check`: a shell line, run where it worked, that decides whether it has succeeded
- `mode: print`: the program's way without a terminal. `json_schema`: a JSON Schema that the answer has to satisfy
- `keep: true`: its agent is not stopped when it has answered

The answer of a task is what its agent said in the turn that the task began. What you `say` to it meanwhile belongs to
the task: then its last answer counts. So does what is typed at its window and taken into that turn; what begins a turn
of its own is answered before the task is done, and is not the task's answer.

What a person interrupts (Esc at its window, `interrupt`) is not tried again by itself: the task waits until its agent
is told how to go on, which `show RUN` says, and its next answer counts. A program that was ended by it (Ctrl-C), and
one with `mode: print`, has failed.

A text that looks like something else needs quotes: `"3.10"`, `"true"`. So does one that holds `: ` or begins with
`{{`. No key stands twice. Aliases are read; `<<`, tags and a second document are not.

## What is filled in

A text that holds `{{` or `{%` is filled in when its task begins: `prompt`, `command`, `check`, `args`, `env`, `model`,
`worktree`, `scope` and `dir`. Every other text stays as it is.

- `{{ tasks.ID.answer }}`, and `.state`, `.error`, `.diff`, `.branch`, `.duration`. An answer that is missing is printed
  as the reason, and is nothing to `{% if %}`. That of a command is what it printed: at most its last 1,000,000
  characters, from the beginning of a line. Where the end of that could not be recorded (a full disk) the task fails if
  its answer is asked for
- of a repeated task `.answers` (of those that succeeded) and `.each`: the elements, each with these fields and `id`,
  `item` and `index`
- in a repeated task `{{ item }}`, `{{ item.os }}` of a matrix, and `{{ index }}` from 1. With `chunk` `item` is a list
- in a join `{{ join.answers }}` with headings, `join.each`, and `{{ join.missing }}`: the others, and why. What its
  prompt says nothing of stands behind it: who is missing, and where it uses none of them the answers too
- `{% if %}` and `{% for %}`, comparisons, `and`, `or`, `not`, and the filters default, first, join, json, last, length,
  lines, lower, reverse, sort, trim, truncate, unique, upper. There are no calls, no arithmetic, no other files
- `{% raw %}{{ … }}{% endraw %}` keeps braces as they are
- in `command` and `check` what is filled in is quoted for the shell: it stands without quotes around it. Such a line
  may be as long as it gets. One argument or variable of a program may not: Linux takes 131,071 bytes of it. A task
  whose `args` or `env` have more fails before it begins; in a `command` the shell's own `printf` hands on all of it:
  `printf %s {{ tasks.ID.answer }} | PROGRAM`

Names that nobody has, fields that there are not, tasks that wait for each other (`a -> b -> a`) and answers that nobody
reads are faults. The last are: a join whose prompt uses one of the tasks that it joins and not another (one that uses
none is told all of them), and a task with a `json_schema` that others wait for and none uses. To depend on a task and
use nothing of it is fine. What `run add` brings may use the tasks of that run.

`tmuxagents run --schema` prints a JSON Schema for editors; it is `contrib/manifest.schema.json` as well.

## Without a file

`tmuxagents fork -n 3 "PROMPT" --join "PROMPT"` is a run of `try-1`, `try-2`, `try-3` and `join`: the same prompt for
several agents, and their answers for one more. `--each FILE` gives each a line of FILE.

- the join begins when all are over and one has succeeded; `--need 2`: as soon as two have, and the third is stopped
- it gets the answers behind its prompt, and is told which are missing and why. Its prompt may say where it wants them
  (`{{ join.answers }}`, `{{ tasks.try-1.answer }}`, …); the other prompts are what you typed, braces as well
- `-w` gives each a worktree of its own, `--check CMD` decides which has succeeded. The join works in the folder
- `--budget` is of all together, split evenly
- `--compare` (of `fork`, `run` and `show RUN`) shows what each has answered and changed, whether its check passed and
  whether it merges, its time and cost: beside each other where there is room. Of a run with a join these are the tasks
  that it joins, else all
- `tmuxagents pick run-1 try-2` lands the work of one as `merge` does, with the same refusals, once. The others are
  kept; `--rest rm` removes them as `rm --trash` does, when the run is over

## A squad

A file whose name ends in `.md`, such as `SQUAD.md`, is read as a squad: agents as headings below `## Agents` (a list or
a table there does too), what each may touch, and a section `## Orchestration`.

    # Checkout
    ## Agents
    ### api
    Build the endpoints.
    - Owns: `src/api/`
    - Model: sonnet
    ### reviewer
    Say what has to change.
    - Touches: nothing
    ## Orchestration
    api -> reviewer

- what an agent may touch stands behind `Owns`, `Touches`, `Scope` or `Files`; beside it `Depends on`, `Model`, `Kind`,
  `Branch`, `Check`, `Timeout`, `Retries`, `Budget`, `Locks`. Everything else below its heading is what it is told
- below `## Rules`, `## Context`, `## Goal` and the like stands what every agent is told
- the order is a numbered list of names, `a -> b, c -> d`, or sentences: `a runs after b`, `a waits for b and c`,
  `a and b run in parallel`, `a reviews b`, `a runs alone`, `at most 3 at once`, `budget: $5`, `timeout: 2h`. Without
  one all begin together
- who waits for others is given what they answered
- a sentence, a heading or a path that is not understood is a fault with its line. Nothing is guessed
"""

_HEADLESS = """
# Without a terminal

`tmuxagents spawn --print TASK` runs the program the way it has for scripts (`claude -p`): it does its task, ends, and
`tmuxagents last NAME` prints its answer. For steps that nobody will talk to. It is an agent like all others: in a
window, in `ls`, `tail` and `show`, with its cost; its window is empty, for what it says goes to us.

- it is `working` until it ends, then `ended`, or `failed` with the reason: an API error that lasts, `max_turns` used
  up, a usage limit, an answer that is not as asked. The program tries again by itself where the API refuses for a while
- nobody is asked for leave: what its permission mode and `allowed_tools` do not let it do is denied, and told in the
  journal. A folder that is not trusted is refused, for it would not be asked about either: `--trust` trusts it
- `--json-schema FILE`: the program is told to answer so, and we look whether it has: its answer is then JSON of that
  schema, and else it has failed with what is wrong
- `say` and the like are refused while it runs (exit code 3). `interrupt` and `stop` end it
- where a usage limit has ended it and the program has told until when, it is started again then, once, in its
  conversation and without a terminal, as `help usage` says of limits: `ls` says "limited until 14:05, continues then",
  `wait` waits it out, and you are called for a limit and not for a failure. `stop` calls that off. With `continue = 0`
  the wait ends with exit code 5, and `resume NAME` goes on
- `resume NAME` brings its conversation back with a terminal, to be spoken to. One that was cut off (`lost`), or that a
  limit has ended, goes on where it was, without one
- a kind that has no such way (`command`, `demo`) says so
"""

TOPICS: Mapping[str, str] = {
    "states": _STATES,
    "names": _NAMES,
    "json": _JSON,
    "stream": _STREAM,
    "say": _SAY,
    "chat": _CHAT,
    "exit-codes": _EXIT_CODES,
    "worktrees": _WORKTREES,
    "review": _REVIEW,
    "pr": _PR,
    "sharing": _SHARING,
    "queue": _QUEUE,
    "top": _TOP,
    "manifest": _MANIFEST,
    "headless": _HEADLESS,
    "config": _CONFIG,
    "usage": _USAGE,
    "notices": _NOTICES,
    "files": _FILES,
    "environment": _ENVIRONMENT,
    "completion": _COMPLETION,
}
