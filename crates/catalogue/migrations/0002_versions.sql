-- Records have versions. The row in `record` is the version that the world sees, or the first draft; the others stand here:
-- earlier released ones, and at most one draft of the next. A row of `file` or `folder` holds from the version in which it
-- appeared until, and without, the one in which it changed: what did not change is not written again.

CREATE TABLE version (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  draft BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  unfinished_uploads BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (record, number)
);
CREATE UNIQUE INDEX version_draft ON version (record) WHERE draft = 1;

DROP INDEX file_folded;
DROP INDEX file_parent;
ALTER TABLE file RENAME TO file_before;
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
  since_version BIGINT NOT NULL,
  until_version BIGINT NOT NULL,
  PRIMARY KEY (record, path, since_version)
);
INSERT INTO file SELECT record, path, parent, name, folded, bytes, sha256, crc32, added_at, place, 1, 1000000000 FROM file_before;
DROP TABLE file_before;
CREATE UNIQUE INDEX file_folded ON file (record, folded) WHERE until_version = 1000000000;
CREATE INDEX file_parent ON file (record, parent, name);

DROP INDEX folder_folded;
DROP INDEX folder_parent;
ALTER TABLE folder RENAME TO folder_before;
CREATE TABLE folder (
  record {bytewise} NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  path {bytewise} NOT NULL,
  parent {bytewise} NOT NULL,
  name {bytewise} NOT NULL,
  folded {bytewise} NOT NULL,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  since_version BIGINT NOT NULL,
  until_version BIGINT NOT NULL,
  PRIMARY KEY (record, path, since_version)
);
INSERT INTO folder SELECT record, path, parent, name, folded, files, bytes, 1, 1000000000 FROM folder_before;
DROP TABLE folder_before;
CREATE INDEX folder_folded ON folder (record, folded);
CREATE INDEX folder_parent ON folder (record, parent, name);

-- The one DOI that a record had stands for all its versions from now on; the registrar is told of the first version's own.
INSERT INTO job (kind, record, merge_key, doc, run_at)
  SELECT 'register-doi', id, 'register-doi:' || id, '{"kind":"register-doi","record":"' || id || '"}', 0
  FROM record WHERE doi IS NOT NULL AND state IN ('released', 'published')
  ON CONFLICT DO NOTHING;
