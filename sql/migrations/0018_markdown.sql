-- Descriptions are Markdown. What is found by its words, and what hits show of it, is the text without marks and without
-- the addresses of links; src/lib/text/markdown.h has the same for the processor.

-- Links by their words, bold words as words, headings and rules without signs, escapes undone. Plain text mostly stays as
-- it is, and what has nothing that could be a mark is not looked at twice.
create function markdown_text(markdown text) returns text
    language sql immutable strict parallel safe
    return case when markdown !~ '[][*#<\\]|---|___' then markdown else
        regexp_replace(
            regexp_replace(
                markdown,
                '(\\.)|\[((?:[^][\\]|\\.)*)\]\((?:[^()\s\\]|\\.)*\)|<((?:https?://|mailto:)[^\s<>]+)>', '\1\2\3', 'g'),
            '\\([!-/:-@[-`{-~])|\*\*|^ *(?:#{1,6} +|(?:-{3,}|\*{3,}|_{3,})$)', '\1', 'gn')
    end;

alter table events alter column search set expression as (
    setweight(to_tsvector('english', fold_text(name)), 'A') ||
    setweight(to_tsvector('english', fold_text(coalesce(entity_text, ''))), 'B') ||
    setweight(to_tsvector('english', fold_text(coalesce(location, ''))), 'B') ||
    setweight(to_tsvector('english', fold_text(coalesce(markdown_text(left(description, 100000)), ''))), 'D'));
