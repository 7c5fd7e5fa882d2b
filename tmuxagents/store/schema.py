"""The numbered steps from an empty database to today's."""

from __future__ import annotations

from collections.abc import Sequence

_FIRST = (
    """CREATE TABLE agents (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        dir TEXT NOT NULL,
        task TEXT,
        options TEXT NOT NULL,
        color INTEGER NOT NULL,
        created_ns INTEGER NOT NULL,
        started_ns INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        phase TEXT NOT NULL,
        server TEXT, window TEXT, pane TEXT, pid INTEGER,
        condition TEXT NOT NULL,
        state TEXT NOT NULL,
        forgotten INTEGER NOT NULL DEFAULT 0
    )""",
    # Forgotten agents keep their rows, so that the journal keeps their names.
    "CREATE UNIQUE INDEX agents_by_name ON agents (name) WHERE forgotten = 0",
    """CREATE TABLE journal (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        agent_id TEXT NOT NULL REFERENCES agents (id),
        generation INTEGER NOT NULL,
        at_ns INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        detail TEXT
    )""",
    "CREATE INDEX journal_by_agent ON journal (agent_id, seq)",
    # The index holds no copy of the text.
    "CREATE VIRTUAL TABLE journal_words USING fts5 (text, content='journal', content_rowid='seq', detail='full')",
    """CREATE TRIGGER journal_index AFTER INSERT ON journal WHEN new.kind NOT IN ('receipt', 'state') BEGIN
        INSERT INTO journal_words (rowid, text) VALUES (new.seq, new.text);
    END""",
    # How far each source has been read, committed together with what was read from it.
    """CREATE TABLE sources (
        agent_id TEXT NOT NULL,
        source TEXT NOT NULL,
        position INTEGER NOT NULL,
        memory TEXT,
        PRIMARY KEY (agent_id, source)
    ) WITHOUT ROWID""",
    """CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        agent_id TEXT NOT NULL,
        text TEXT NOT NULL,
        created_ns INTEGER NOT NULL,
        state TEXT NOT NULL,
        mark INTEGER,
        verdict TEXT
    )""",
    "CREATE INDEX messages_held ON messages (agent_id, id) WHERE state = 'held'",
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
)

# The journal names its agents by number: an id of 36 characters in every row and again in the index
# was a third of the journal. Words are indexed later, by whoever has time (`journal.index`): with
# the trigger the index cost ten times as much as the entries (18 against 214 MB/s).
_SECOND = (
    """CREATE TABLE agents_2 (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        dir TEXT NOT NULL,
        task TEXT,
        options TEXT NOT NULL,
        color INTEGER NOT NULL,
        created_ns INTEGER NOT NULL,
        started_ns INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        phase TEXT NOT NULL,
        server TEXT, window TEXT, pane TEXT, pid INTEGER,
        condition TEXT NOT NULL,
        state TEXT NOT NULL,
        forgotten INTEGER NOT NULL DEFAULT 0
    )""",
    """INSERT INTO agents_2 SELECT NULL, id, name, kind, dir, task, options, color, created_ns, started_ns,
        generation, phase, server, window, pane, pid, condition, state, forgotten
        FROM agents ORDER BY created_ns, rowid""",
    """CREATE TABLE journal_2 (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        agent INTEGER NOT NULL REFERENCES agents_2 (number),
        generation INTEGER NOT NULL,
        at_ns INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        detail TEXT
    )""",
    """INSERT INTO journal_2 SELECT j.seq, a.number, j.generation, j.at_ns, j.kind, j.text, j.detail
        FROM journal j JOIN agents_2 a ON a.id = j.agent_id ORDER BY j.seq""",
    # A place in the order that was given and taken back is never given again.
    "DELETE FROM sqlite_sequence WHERE name = 'journal_2'",
    "INSERT INTO sqlite_sequence SELECT 'journal_2', seq FROM sqlite_sequence WHERE name = 'journal'",
    "DROP TABLE journal_words",
    "DROP TABLE journal",
    "DROP TABLE agents",
    "ALTER TABLE agents_2 RENAME TO agents",
    "ALTER TABLE journal_2 RENAME TO journal",
    "CREATE UNIQUE INDEX agents_by_name ON agents (name) WHERE forgotten = 0",
    "CREATE INDEX journal_by_agent ON journal (agent, seq)",
    "CREATE VIRTUAL TABLE journal_words USING fts5 (text, content='journal', content_rowid='seq', columnsize=0)",
    # Up to which entry the words are indexed.
    "INSERT INTO counters VALUES ('indexed', 0)",
)

# A call to a person is recorded with the transition that it tells of, and its sending over each channel beside it.
_THIRD = (
    """CREATE TABLE notices (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        agent_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        generation INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        since_ns INTEGER NOT NULL,
        needs TEXT,
        dialog TEXT,
        verb TEXT,
        what TEXT NOT NULL,
        stage TEXT NOT NULL,
        next_ns INTEGER,
        decided_ns INTEGER,
        why TEXT
    )""",
    "CREATE UNIQUE INDEX notices_by_dialog ON notices (agent_id, dialog) WHERE dialog IS NOT NULL",
    "CREATE INDEX notices_next ON notices (next_ns) WHERE next_ns IS NOT NULL",
    "CREATE INDEX notices_by_kind ON notices (agent_id, kind)",
    """CREATE TABLE notice_sendings (
        notice INTEGER NOT NULL REFERENCES notices (number) ON DELETE CASCADE,
        channel TEXT NOT NULL,
        round INTEGER NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL,
        next_ns INTEGER NOT NULL,
        verdict TEXT,
        PRIMARY KEY (notice, channel, round)
    )""",
    "CREATE INDEX notice_sendings_open ON notice_sendings (channel, next_ns) WHERE state IN ('due', 'sending')",
)

# The worktree that an agent was given, as JSON; NULL where it works in a folder as it is.
_FOURTH = ("ALTER TABLE agents ADD COLUMN worktree TEXT",)

# What was found of the agents' worktrees. `sign` names what was looked at, so that nothing is tried twice; `files` of a
# pair is NULL while it does not conflict.
_FIFTH = (
    "CREATE TABLE figures (agent_id TEXT PRIMARY KEY, figures TEXT NOT NULL, sign TEXT NOT NULL)",
    """CREATE TABLE pairs (
        one TEXT NOT NULL,
        other TEXT NOT NULL,
        into_branch TEXT,
        sign TEXT NOT NULL,
        files TEXT,
        since_ns INTEGER NOT NULL,
        PRIMARY KEY (one, other)
    )""",
)

# The pull request of an agent's branch, as JSON, and what of it was told to the agent or judged: each once.
_SIXTH = (
    "CREATE TABLE pulls (agent_id TEXT PRIMARY KEY, pull TEXT NOT NULL, watched INTEGER NOT NULL)",
    "CREATE TABLE pull_seen (agent_id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (agent_id, key))",
)

# Named locks that are kept for agents by their runs, what is on the shared boards, and what we wrote last where a board
# was written to a file: `digest` of what is there, `coming` of what is being put in its place.
_SEVENTH = (
    "CREATE TABLE locks (name TEXT PRIMARY KEY, agent_id TEXT NOT NULL, run TEXT, since_ns INTEGER NOT NULL)",
    """CREATE TABLE notes (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        board TEXT NOT NULL,
        text TEXT NOT NULL,
        agent_id TEXT,
        who TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        done_ns INTEGER,
        done_by TEXT
    )""",
    "CREATE INDEX notes_by_board ON notes (board, number)",
    "CREATE TABLE boards_written (path TEXT PRIMARY KEY, digest TEXT, coming TEXT)",
)

# Runs and the rows of their tasks, as JSON: what a task is stands in the manifest. `version` grows with every change,
# so that whoever decides on what was read finds out that it is so no more.
_EIGHTH = (
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        manifest TEXT NOT NULL,
        state TEXT NOT NULL,
        created_ns INTEGER NOT NULL,
        ended_ns INTEGER,
        retried_ns INTEGER,
        dir TEXT NOT NULL,
        options TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 0,
        forgotten INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE UNIQUE INDEX runs_by_name ON runs (name) WHERE forgotten = 0",
    """CREATE TABLE run_tasks (
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        place INTEGER NOT NULL,
        state TEXT NOT NULL,
        is_group INTEGER NOT NULL,
        agent_id TEXT,
        check_id TEXT,
        row TEXT NOT NULL,
        PRIMARY KEY (run, key)
    )""",
    "CREATE INDEX run_tasks_by_agent ON run_tasks (agent_id) WHERE agent_id IS NOT NULL",
    "CREATE INDEX run_tasks_by_check ON run_tasks (check_id) WHERE check_id IS NOT NULL",
)

# Who waits for room to begin: a row from the moment it is asked for until its program runs. An owner (a person, a run)
# has one turn in a `round`; `why` is what held it back last.
_NINTH = (
    """CREATE TABLE queue (
        agent_id TEXT PRIMARY KEY,
        place INTEGER NOT NULL,
        round INTEGER NOT NULL,
        owner TEXT NOT NULL,
        now INTEGER NOT NULL,
        why TEXT NOT NULL
    )""",
)

# The times in which the tasks of a run waited, and for what.
_TENTH = (
    """CREATE TABLE run_spans (
        run TEXT NOT NULL,
        key TEXT NOT NULL,
        from_ns INTEGER NOT NULL,
        why TEXT NOT NULL,
        to_ns INTEGER,
        PRIMARY KEY (run, key, from_ns)
    ) WITHOUT ROWID""",
)

# What each agent has spent in each quarter of an hour: the steps of what its condition says in sum. What was spent
# before is as old as its state. `key` of a message is what it is for, where we wrote it ourselves: one for each.
_ELEVENTH = (
    """CREATE TABLE spent (
        agent_id TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        account TEXT NOT NULL,
        model TEXT NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        microusd INTEGER NOT NULL,
        worked_ns INTEGER NOT NULL,
        PRIMARY KEY (agent_id, at_ns, account, model)
    )""",
    """INSERT INTO spent SELECT
        id, coalesce(json_extract(condition, '$.since_ns'), started_ns) / 900000000000 * 900000000000, '', '',
        coalesce(json_extract(condition, '$.usage.input_tokens'), 0),
        coalesce(json_extract(condition, '$.usage.output_tokens'), 0),
        coalesce(json_extract(condition, '$.usage.cache_read_tokens'), 0),
        coalesce(json_extract(condition, '$.usage.cache_write_tokens'), 0),
        coalesce(json_extract(condition, '$.usage.microusd'), 0), 0
        FROM agents WHERE json_valid(condition)""",
    "CREATE INDEX spent_by_time ON spent (at_ns)",
    "ALTER TABLE messages ADD COLUMN not_before_ns INTEGER",
    "ALTER TABLE messages ADD COLUMN key TEXT",
    "CREATE UNIQUE INDEX messages_by_key ON messages (agent_id, key) WHERE key IS NOT NULL",
)

# Which agents a person keeps first, and how each was that one dismissed (see `model.dismissal`); NULL where nobody has.
_TWELFTH = (
    "ALTER TABLE agents ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE agents ADD COLUMN dismissed TEXT",
)

MIGRATIONS: Sequence[Sequence[str]] = (
    _FIRST,
    _SECOND,
    _THIRD,
    _FOURTH,
    _FIFTH,
    _SIXTH,
    _SEVENTH,
    _EIGHTH,
    _NINTH,
    _TENTH,
    _ELEVENTH,
    _TWELFTH,
)
"""Step N makes schema N+1. A released step never changes."""
