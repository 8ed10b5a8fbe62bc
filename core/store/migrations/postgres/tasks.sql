-- What is to be done, is being done and was done in the background. Times are microseconds since 1970 in UTC, by the clock of the
-- database: the server's, or that of the one machine that has the file.
CREATE TABLE runs (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Which task: the name of a handler that processes register.
  task         TEXT COLLATE "C" NOT NULL,
  -- Whose it is; empty for the platform's own.
  tenant       TEXT COLLATE "C" NOT NULL,
  -- Of runs that have not ended, one at most has a key of a task and a tenant.
  unique_key   TEXT COLLATE "C",
  -- What the handler is given: a JSON document.
  input        TEXT NOT NULL,
  -- Smaller ones first.
  priority     BIGINT NOT NULL,
  -- 0 waits for its time, 1 waits for a worker, 2 runs, 3 succeeded, 4 failed, 5 was cancelled.
  state        BIGINT NOT NULL CHECK (state BETWEEN 0 AND 5),
  due_at       BIGINT NOT NULL,
  -- How often a worker has begun it, and how often one may.
  attempts     BIGINT NOT NULL,
  attempts_max BIGINT NOT NULL,
  -- Grows each time a worker gets the run: who has an older one may write nothing about it (fencing).
  token        BIGINT NOT NULL,
  worker       TEXT COLLATE "C",
  -- Somebody wants it to end.
  is_cancelled BIGINT NOT NULL,
  -- How far it is: a share from 0 to 1 in millionths, and words.
  progress     BIGINT NOT NULL,
  note         TEXT,
  -- Of the last attempt that failed.
  error        TEXT,
  -- A JSON document; what the handler gave back.
  output       TEXT,
  -- Who wanted it.
  by_whom      TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  started_at   BIGINT,
  ended_at     BIGINT
);

-- Each index holds the runs of one question and no other: what becomes due, what is next, what is one worker's, what is old.
CREATE INDEX runs_waiting ON runs (due_at) WHERE state = 0;
CREATE INDEX runs_queued ON runs (tenant, task, priority, id) WHERE state = 1;
CREATE INDEX runs_running ON runs (worker, tenant, task) WHERE state = 2;
CREATE INDEX runs_ended ON runs (ended_at) WHERE state >= 3;
CREATE UNIQUE INDEX runs_unique ON runs (task, tenant, unique_key) WHERE state <= 2 AND unique_key IS NOT NULL;

-- Processes that run tasks. One that was not heard of until `seen_until` is struck off, and its runs go to others.
CREATE TABLE workers (
  id         TEXT COLLATE "C" PRIMARY KEY,
  address    TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_until BIGINT NOT NULL
);

-- What operators have said of a task or a daemon: a task begins nothing until then, a daemon does not go on.
CREATE TABLE pauses (
  -- task or daemon
  kind           TEXT COLLATE "C" NOT NULL,
  name           TEXT COLLATE "C" NOT NULL,
  disabled_until BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);

-- What begins by the clock. Whoever moves `due_at` on has the firing, in the same commit: no second process has it, too.
CREATE TABLE schedules (
  name     TEXT COLLATE "C" PRIMARY KEY,
  -- Whose it is; empty for the platform's own.
  tenant   TEXT COLLATE "C" NOT NULL,
  -- When, in words; with others it begins anew.
  timing   TEXT NOT NULL,
  -- The firing that comes next, and when there last was one.
  due_at   BIGINT NOT NULL,
  fired_at BIGINT
);

-- How the parts of a process that go on for ever are, as the process says; they go with it.
CREATE TABLE daemons (
  worker     TEXT COLLATE "C" NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  -- running, stopping, stopped or failing.
  state      TEXT NOT NULL,
  since      BIGINT NOT NULL,
  -- When it last said itself that it goes on.
  beat_at    BIGINT NOT NULL,
  -- How often it was begun again since its process started, and why last.
  restarts   BIGINT NOT NULL,
  error      TEXT,
  PRIMARY KEY (worker, name)
);

-- Marks on the timeline: what was put into service.
CREATE TABLE deployments (
  id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      BIGINT NOT NULL,
  version TEXT NOT NULL,
  note    TEXT NOT NULL,
  by_whom TEXT NOT NULL
);
