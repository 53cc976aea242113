-- Publications come by themselves: how far each harvest is, what each foreign record became, and which publication and
-- dataset may belong together.

CREATE TABLE harvest_source (
  name {bytewise} PRIMARY KEY,
  progress TEXT NOT NULL
);

CREATE TABLE harvest_item (
  source {bytewise} NOT NULL,
  identifier {bytewise} NOT NULL,
  standing TEXT NOT NULL,
  record {bytewise} REFERENCES record (id) ON DELETE SET NULL,
  doc TEXT,
  fault TEXT,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (source, identifier)
);
CREATE INDEX harvest_item_record ON harvest_item (record);
CREATE INDEX harvest_item_standing ON harvest_item (source, standing, seen_at);

CREATE TABLE tie (
  dataset {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  publication {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  standing TEXT NOT NULL,
  offered_at BIGINT NOT NULL,
  PRIMARY KEY (dataset, publication)
);
CREATE INDEX tie_publication ON tie (publication);

-- Who wrote what is public, as far as it is compared.
CREATE TABLE author_name (
  name {bytewise} NOT NULL,
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  PRIMARY KEY (name, record)
);
CREATE INDEX author_name_record ON author_name (record);

ALTER TABLE record ADD COLUMN title_key TEXT;
CREATE INDEX record_title_key ON record (title_key);

-- What is public already is compared too.
INSERT INTO job (kind, record, merge_key, doc, run_at)
  SELECT 'find-ties', id, 'find-ties:' || id, '{"kind":"find-ties","record":"' || id || '"}', 0
  FROM record WHERE state IN ('registered', 'released', 'published')
  ON CONFLICT DO NOTHING;
