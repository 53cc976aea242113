-- How often a record was looked at and taken, by month and by who asks: people, scripts, robots. Nothing here says who it was.
-- `uniques` counts each visitor of an hour once.
CREATE TABLE usage (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  month TEXT NOT NULL,
  measure TEXT NOT NULL,
  asker TEXT NOT NULL,
  times BIGINT NOT NULL,
  uniques BIGINT NOT NULL,
  PRIMARY KEY (record, month, measure, asker)
);
