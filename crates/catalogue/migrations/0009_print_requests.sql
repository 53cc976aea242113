-- Prints that schools ask for.
CREATE TABLE print_request (
  id {serial},
  record TEXT NOT NULL,
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  school TEXT NOT NULL,
  email TEXT NOT NULL,
  size_mm BIGINT NOT NULL,
  message TEXT NOT NULL,
  standing TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX print_request_by_standing ON print_request (standing, changed_at);
