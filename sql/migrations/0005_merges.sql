-- Two rows that turned out to be one person or company: the loser stays as a name of the survivor.

alter table speakers add merged_into uuid references speakers (id) check (merged_into <> id);
alter table companies add merged_into uuid references companies (id) check (merged_into <> id);
create index speakers_merged_idx on speakers (merged_into) where merged_into is not null;
create index companies_merged_idx on companies (merged_into) where merged_into is not null;
