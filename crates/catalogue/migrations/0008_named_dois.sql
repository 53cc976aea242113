-- Which public records name which DOIs, so that nobody reads all descriptions to find the one that names a dataset.

CREATE TABLE named_doi (
  doi {bytewise} NOT NULL,
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  PRIMARY KEY (doi, record)
);
CREATE INDEX named_doi_record ON named_doi (record);

INSERT INTO job (kind, record, merge_key, doc, run_at)
  SELECT 'find-ties', id, 'find-ties:' || id, '{"kind":"find-ties","record":"' || id || '"}', 0
  FROM record WHERE state IN ('registered', 'released', 'published')
  ON CONFLICT DO NOTHING;
