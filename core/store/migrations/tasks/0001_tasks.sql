-- What is to be done, is being done and was done in the background. Times are microseconds since 1970 in UTC, by the clock of the
-- database: the server's, or that of the one machine that has the file.
CREATE TABLE runs (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Which task: the name of a handler that processes register.
  task         TEXT NOT NULL,
  -- Whose it is; empty for the platform's own.
  tenant       TEXT NOT NULL,
  -- Of runs that have not ended, one at most has a key of a task and a tenant.
  unique_key   TEXT,
  -- What the handler is given: a JSON document.
  input        TEXT NOT NULL,
  -- Smaller ones first.
  priority     INTEGER NOT NULL,
  -- 0 waits for its time, 1 waits for a worker, 2 runs, 3 succeeded, 4 failed, 5 was cancelled.
  state        INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  due_at       INTEGER NOT NULL,
  -- How often a worker has begun it, and how often one may.
  attempts     INTEGER NOT NULL,
  attempts_max INTEGER NOT NULL,
  -- Grows each time a worker gets the run: who has an older one may write nothing about it (fencing).
  token        INTEGER NOT NULL,
  worker       TEXT,
  -- Somebody wants it to end.
  is_cancelled INTEGER NOT NULL,
  -- How far it is: a share from 0 to 1 in millionths, and words.
  progress     INTEGER NOT NULL,
  note         TEXT,
  -- Of the last attempt that failed.
  error        TEXT,
  -- A JSON document; what the handler gave back.
  output       TEXT,
  -- Who wanted it.
  by_whom      TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  started_at   INTEGER,
  ended_at     INTEGER
) STRICT;

-- Each index holds the runs of one question and no other: what becomes due, what is next, what is one worker's, what is old.
CREATE INDEX runs_waiting ON runs (due_at) WHERE state = 0;
CREATE INDEX runs_queued ON runs (tenant, task, priority, id) WHERE state = 1;
CREATE INDEX runs_running ON runs (worker, tenant, task) WHERE state = 2;
CREATE INDEX runs_ended ON runs (ended_at) WHERE state >= 3;
CREATE UNIQUE INDEX runs_unique ON runs (task, tenant, unique_key) WHERE state <= 2 AND unique_key IS NOT NULL;

-- Processes that run tasks. One that was not heard of until `seen_until` is struck off, and its runs go to others.
CREATE TABLE workers (
  id         TEXT PRIMARY KEY,
  address    TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_until INTEGER NOT NULL
) STRICT;

-- What operators have said of a task or a daemon: a task begins nothing until then, a daemon does not go on.
CREATE TABLE pauses (
  -- task or daemon
  kind           TEXT NOT NULL,
  name           TEXT NOT NULL,
  disabled_until INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT;

-- What begins by the clock. Whoever moves `due_at` on has the firing, in the same commit: no second process has it, too.
CREATE TABLE schedules (
  name     TEXT PRIMARY KEY,
  -- Whose it is; empty for the platform's own.
  tenant   TEXT NOT NULL,
  -- When, in words; with others it begins anew.
  timing   TEXT NOT NULL,
  -- The firing that comes next, and when there last was one.
  due_at   INTEGER NOT NULL,
  fired_at INTEGER
) STRICT;

-- How the parts of a process that go on for ever are, as the process says; they go with it.
CREATE TABLE daemons (
  worker     TEXT NOT NULL,
  name       TEXT NOT NULL,
  -- running, stopping, stopped or failing.
  state      TEXT NOT NULL,
  since      INTEGER NOT NULL,
  -- When it last said itself that it goes on.
  beat_at    INTEGER NOT NULL,
  -- How often it was begun again since its process started, and why last.
  restarts   INTEGER NOT NULL,
  error      TEXT,
  PRIMARY KEY (worker, name)
) STRICT;

-- Marks on the timeline: what was put into service.
CREATE TABLE deployments (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  version TEXT NOT NULL,
  note    TEXT NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
