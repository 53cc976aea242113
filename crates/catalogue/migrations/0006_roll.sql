-- The roll: every record that the world has been told of, in the order in which that happened. Catalogues that read us ask
-- it by position, so none is missed or met twice however much changes meanwhile. `told_at` is when what we say last changed.
CREATE TABLE roll (
  position BIGINT PRIMARY KEY,
  record {bytewise} NOT NULL UNIQUE REFERENCES record (id) ON DELETE CASCADE,
  told_at BIGINT NOT NULL,
  digest BIGINT NOT NULL,
  sets TEXT NOT NULL
);
CREATE INDEX roll_told_at ON roll (told_at);
