-- One text for SQLite and PostgreSQL. Times are milliseconds since 1970 UTC; documents are JSON as text.
-- {bytewise} orders text by its bytes on both; {serial} is a key that counts by itself.

CREATE TABLE record (
  id {bytewise} PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  doi TEXT,
  article_doi TEXT,
  revision BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  files BIGINT NOT NULL DEFAULT 0,
  bytes BIGINT NOT NULL DEFAULT 0,
  unfinished_uploads BIGINT NOT NULL DEFAULT 0,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX record_doi ON record (doi);
CREATE INDEX record_article_doi ON record (article_doi);

-- Who sees which record among “my records”; the team itself is in the record's document.
CREATE TABLE member (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (record, email)
);
CREATE INDEX member_email ON member (email, changed_at, record);

CREATE TABLE file (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  path {bytewise} NOT NULL,
  parent {bytewise} NOT NULL,
  name {bytewise} NOT NULL,
  folded {bytewise} NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  crc32 BIGINT NOT NULL,
  added_at BIGINT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (record, path)
);
CREATE UNIQUE INDEX file_folded ON file (record, folded);
CREATE INDEX file_parent ON file (record, parent, name);

-- Counts of everything below each folder, so that no page has to count.
CREATE TABLE folder (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  path {bytewise} NOT NULL,
  parent {bytewise} NOT NULL,
  name {bytewise} NOT NULL,
  folded {bytewise} NOT NULL,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (record, path)
);
CREATE INDEX folder_folded ON folder (record, folded);
CREATE INDEX folder_parent ON folder (record, parent, name);

CREATE TABLE upload (
  id {bytewise} PRIMARY KEY,
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  account TEXT NOT NULL,
  path {bytewise} NOT NULL,
  bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX upload_record ON upload (record, path);
CREATE INDEX upload_account ON upload (account);
CREATE INDEX upload_created_at ON upload (created_at);

CREATE TABLE account (
  id {bytewise} PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  rank TEXT NOT NULL,
  password_hash TEXT,
  created_at BIGINT NOT NULL
);

-- Sessions, tokens and links are kept by the sha256 of their secret: who reads this table cannot sign in with it.
CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  account {bytewise} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires_at ON session (expires_at);

CREATE TABLE token (
  id {bytewise} PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  account {bytewise} NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE INDEX token_account ON token (account);

CREATE TABLE link (
  hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  account {bytewise} REFERENCES account (id) ON DELETE CASCADE,
  record {bytewise} REFERENCES record (id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
CREATE INDEX link_record ON link (record);
CREATE INDEX link_expires_at ON link (expires_at);

-- A job is waiting (no lease), running (leased) or failed (given up); done jobs are deleted.
-- `claims` counts leases and is never reset, so a worker that lost its lease can be told from the one that has it.
CREATE TABLE job (
  id {serial},
  kind TEXT NOT NULL,
  record TEXT,
  merge_key TEXT,
  doc TEXT NOT NULL,
  run_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  claims BIGINT NOT NULL DEFAULT 0,
  failed BIGINT NOT NULL DEFAULT 0,
  failure TEXT,
  worker TEXT,
  lease_until BIGINT,
  started_at BIGINT,
  done BIGINT NOT NULL DEFAULT 0,
  total BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX job_waiting ON job (merge_key) WHERE lease_until IS NULL AND failed = 0;
CREATE INDEX job_merge_key ON job (merge_key);
CREATE INDEX job_record ON job (record);
CREATE INDEX job_due ON job (run_at, id) WHERE failed = 0;

-- The counter is a row, not a sequence: it is locked until commit, so numbers are given in the order of commits
-- and a reader that has seen number n has seen every smaller one.
CREATE TABLE event_counter (
  id BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO event_counter (id, last) VALUES (1, 0);

CREATE TABLE event (
  sequence BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  record {bytewise} NOT NULL,
  actor TEXT,
  what TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX event_record ON event (record, sequence);

CREATE TABLE reader_position (
  reader TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL
);

CREATE TABLE derivative (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  name {bytewise} NOT NULL,
  version BIGINT NOT NULL,
  kind TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (record, name, version)
);

CREATE TABLE mail (
  id {serial},
  at BIGINT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
