-- Further members of events e in lists: ?include=…
-- param: include_speakers flag optional
-- param: include_companies flag optional
-- param: include_topics flag optional
-- param: include_raw_html flag optional
--? include_speakers
       , e.document -> 'speakers' as speakers
--.
--? include_companies
       , e.document -> 'companies' as companies
--.
--? include_topics
       , e.document -> 'topics' as topics
--.
--? include_raw_html
       , e.raw_html
--.
