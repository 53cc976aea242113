-- The model that a print is asked of, by its name without ending; of earlier requests it is not known.
ALTER TABLE print_request ADD COLUMN model TEXT NOT NULL DEFAULT '';
