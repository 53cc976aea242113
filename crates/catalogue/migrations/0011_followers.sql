-- Who follows a record, or everything that opens (then `record` is NULL), by mail. Nothing is sent before `confirmed_at` is set.
-- `secret` stands in every letter, so it is kept as it is: all it can do is to confirm and to end this one row.
-- `due_at` is when there is something to write, `told_at` when a letter was written last.
CREATE TABLE follower (
  id {serial},
  email TEXT NOT NULL,
  record {bytewise} REFERENCES record (id) ON DELETE CASCADE,
  secret TEXT NOT NULL UNIQUE,
  language TEXT NOT NULL,
  doc TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  told_at BIGINT NOT NULL,
  due_at BIGINT
);
CREATE UNIQUE INDEX follower_email ON follower (email, COALESCE(record, ''));
CREATE INDEX follower_record ON follower (record);
CREATE INDEX follower_due_at ON follower (due_at);
-- What followers of everything are told of, found without reading the whole log.
CREATE INDEX event_opening ON event (sequence) WHERE what IN ('released', 'published');
-- What a letter in the outbox carries beside its words.
ALTER TABLE mail ADD COLUMN heads TEXT NOT NULL DEFAULT '';
