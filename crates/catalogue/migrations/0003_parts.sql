-- What becomes of a finished upload: `file`, `part`, or `join` with the parts it is made of.
ALTER TABLE upload ADD COLUMN purpose TEXT NOT NULL DEFAULT 'file';
