-- Run once by the database container, in the new database and as its owner. What else the database needs is brought by
-- eventd's own migrations; this is here so that a server set up by hand has the extensions before eventd first connects.
create extension if not exists age;
create extension if not exists vector;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists pg_stat_statements;
