-- What the registrar was told of each DOI, and what it answered. `seen_at` is when the comparison began in which the registrar
-- was last seen to have it. A line without a record is a DOI that the registrar has and we do not.

CREATE TABLE doi_ledger (
  doi {bytewise} PRIMARY KEY,
  record {bytewise} REFERENCES record (id) ON DELETE CASCADE,
  standing TEXT NOT NULL,
  differs BIGINT NOT NULL,
  seen_at BIGINT NOT NULL DEFAULT 0,
  doc TEXT NOT NULL
);
CREATE INDEX doi_ledger_record ON doi_ledger (record);
CREATE INDEX doi_ledger_standing ON doi_ledger (standing, differs);
CREATE INDEX doi_ledger_troubled ON doi_ledger (doi) WHERE differs = 1;

-- The ledger begins empty: each DOI is told once more, and its line written.
INSERT INTO job (kind, record, merge_key, doc, run_at)
  SELECT 'register-doi', id, 'register-doi:' || id, '{"kind":"register-doi","record":"' || id || '"}', 0
  FROM record WHERE doi IS NOT NULL
  ON CONFLICT DO NOTHING;
