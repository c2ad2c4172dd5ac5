// Every setting, once: its name in the environment and in the file of EVENTD_CONFIG, and its field in struct config.
//
//   X(KIND, field, name, default, doc, limits…)
//
// KIND    in C                  written as
// TEXT    const char *          anything; never NULL, "" when unset
// SECRET  const char *          the same, never shown; .min: shortest
// URL     const char *          http(s)://host…; a slash at its end is taken off
// INT     int                   .min … .max
// MS      uint32_t              milliseconds: 1500, 1500ms, 15s, 2m; .min … .max
// BOOL    bool                  true, false, yes, no, on, off, 1, 0
// LIST    struct config_list    a,b,c; white space around items and empty items are dropped
// CHOICE  int                   one of .choices; the position of it (see the enums in config.h)
#pragma once

#include "lib/base/limits.h"

#define CONFIG_TABLE(X)                                                                            \
    /* where things are */                                                                         \
    X(TEXT, state_dir, "STATE_DIR", "",                                                            \
      "Folder of the embedded database, its socket and generated secrets.")                        \
    X(TEXT, database_url, "DATABASE_URL", "",                                                      \
      "PostgreSQL 17 to use, a libpq URL; unset: the embedded one.")                               \
    X(LIST, database_replica_urls, "DATABASE_REPLICA_URLS", "",                                    \
      "Replicas that reads may go to, libpq URLs. Not used yet.")                                  \
    X(INT, db_connections, "DB_CONNECTIONS", "3", "Database connections of each event loop.",      \
      .min = 1, .max = 64)                                                                         \
    X(INT, slow_statement_ms, "SLOW_STATEMENT_MS", "500",                                          \
      "Statements that take longer are logged; -1: none.", .min = -1, .max = 3600000)              \
    /* who listens where */                                                                        \
    X(TEXT, bind, "BIND", "127.0.0.1", "Address that the services listen on.")                     \
    X(INT, api_port, "API_PORT", "3000", "TCP port of the public API; 0: any.", .max = 65535)      \
    X(INT, processor_port, "PROCESSOR_PORT", "4000", "TCP port of the processor; 0: any.",         \
      .max = 65535)                                                                                \
    X(INT, extractor_port, "EXTRACTOR_PORT", "8080", "TCP port of the extractor; 0: any.",         \
      .max = 65535)                                                                                \
    X(URL, processor_url, "PROCESSOR_URL", "",                                                     \
      "Where the processor is reached; unset: PROCESSOR_PORT on this machine.")                    \
    X(URL, extractor_url, "EXTRACTOR_URL", "",                                                     \
      "Where the extractor is reached; unset: EXTRACTOR_PORT on this machine.")                    \
    X(CHOICE, extractor_sandbox, "EXTRACTOR_SANDBOX", "on",                                        \
      "Pages are read in locked processes: on, with what the kernel allows; required, not at all " \
      "without its filter of system calls; off, for debugging.",                                   \
      .choices = "on|required|off")                                                                \
    X(MS, extractor_timeout_ms, "EXTRACTOR_TIMEOUT_MS", "5000",                                    \
      "Longest time for reading one page; its process is ended then.", .min = 100, .max = 50000)   \
    X(INT, api_loops, "API_LOOPS", "1", "Event loops, and threads, of the API.", .min = 1,         \
      .max = 64)                                                                                   \
    /* who may */                                                                                  \
    X(SECRET, internal_token, "INTERNAL_TOKEN", "",                                                \
      "Bearer token among the services, may do everything; eventd up makes and keeps one.")        \
    X(SECRET, secret_key_base, "SECRET_KEY_BASE", "",                                              \
      "Signs cursors and webhooks; eventd up makes and keeps one.", .min = 16)                     \
    X(BOOL, public_read, "PUBLIC_READ", "false",                                                   \
      "Reading needs no key; on by itself for eventd up with the embedded database.")              \
    X(INT, rate_limit_per_minute, "RATE_LIMIT_PER_MINUTE", "1200",                                 \
      "Requests of a key a minute, unless the key says otherwise (admins: none); 0: no limit.",    \
      .max = 100000000)                                                                            \
    X(INT, rate_limit_anonymous, "RATE_LIMIT_ANONYMOUS", "1200",                                   \
      "Requests without a key a minute from one address; 0: no limit. Unless set, this machine "   \
      "is not limited.",                                                                           \
      .max = 100000000)                                                                            \
    X(INT, rate_limit_failures, "RATE_LIMIT_FAILURES", "30",                                       \
      "Wrong keys a minute from one address; 0: no limit. Unless set, this machine is not "        \
      "limited.",                                                                                  \
      .max = 100000000)                                                                            \
    X(INT, idempotency_keys_per_day, "IDEMPOTENCY_KEYS_PER_DAY", "10000",                          \
      "Idempotency-Keys of a client that are remembered (for a day); further ones get 429.",       \
      .min = 1, .max = 1000000)                                                                    \
    X(INT, scrape_quota_per_day, "SCRAPE_QUOTA_PER_DAY", "5000",                                   \
      "Pages that a key may ask for a day (UTC), unless the key says otherwise; 0: no limit.",     \
      .max = 100000000)                                                                            \
    /* scraping */                                                                                 \
    X(INT, scrape_workers, "SCRAPE_WORKERS", "4", "Pages fetched at once; 0: none here.",          \
      .max = 256)                                                                                  \
    X(LIST, scrape_allowed_hosts, "SCRAPE_ALLOWED_HOSTS", "lu.ma,luma.com",                        \
      "Hosts that pages may be fetched from, with their subdomains.")                              \
    X(LIST, scrape_proxies, "SCRAPE_PROXIES", "",                                                  \
      "Proxies to fetch through in turn: http://user:password@host:port, socks5h://…")             \
    X(MS, scrape_min_delay_ms, "SCRAPE_MIN_DELAY_MS", "500",                                       \
      "Least time between two requests to one host.", .max = 3600000)                              \
    X(LIST, scrape_origin_override, "SCRAPE_ORIGIN_OVERRIDE", "",                                  \
      "origin=other: pages of that origin come from the other; for tests and mirrors.")            \
    X(INT, scrape_max_bytes, "SCRAPE_MAX_BYTES", "10485760", "Largest page.", .min = 1024,         \
      .max = PAGE_MAX_BYTES)                                                                       \
    X(MS, scrape_timeout_ms, "SCRAPE_TIMEOUT_MS", "30000", "Longest time for one page.",           \
      .min = 100, .max = 600000)                                                                   \
    X(INT, scrape_max_attempts, "SCRAPE_MAX_ATTEMPTS", "5",                                        \
      "Tries for a page before it counts as failed.", .min = 1, .max = 100)                        \
    X(CHOICE, render, "RENDER", "off", "Run a page's scripts when it is empty without them.",      \
      .choices = "off|auto")                                                                       \
    X(TEXT, render_browser, "RENDER_BROWSER", "chromium", "Program that runs them: a Chromium.")   \
    X(MS, render_timeout_ms, "RENDER_TIMEOUT_MS", "30000", "Longest time for running them.",       \
      .min = 1000, .max = 600000)                                                                  \
    /* processing */                                                                               \
    X(INT, process_workers, "PROCESS_WORKERS", "2", "Events processed at once; 0: none here.",     \
      .max = 256)                                                                                  \
    X(MS, job_lease_ms, "JOB_LEASE_MS", "15000",                                                   \
      "A job whose worker is silent for so long is given to another one.", .min = 1000,            \
      .max = 3600000)                                                                              \
    X(INT, job_retention_hours, "JOB_RETENTION_HOURS", "168",                                      \
      "Ended jobs and finished batches are kept for so long.", .min = 1, .max = 876000)            \
    X(INT, snapshot_retention_hours, "SNAPSHOT_RETENTION_HOURS", "2160",                           \
      "Records of fetches are kept for so long; the newest of each event stays.", .min = 1,        \
      .max = 876000)                                                                               \
    X(INT, change_retention_hours, "CHANGE_RETENTION_HOURS", "720",                                \
      "The feed of changes reaches back so far.", .min = 1, .max = 876000)                         \
    X(MS, housekeeping_interval_ms, "HOUSEKEEPING_INTERVAL_MS", "10m",                             \
      "How often what is older is removed.", .min = 100, .max = 86400000)                          \
    X(CHOICE, embedding_provider, "EMBEDDING_PROVIDER", "local",                                   \
      "Who turns texts into vectors; so far always local.", .choices = "local|openai")             \
    X(TEXT, embedding_model, "EMBEDDING_MODEL", "", "Name of the embedding model. Not used yet.")  \
    X(SECRET, openai_api_key, "OPENAI_API_KEY", "",                                                \
      "Lets a language model fill gaps of the extraction; unset: none is ever asked.")             \
    X(URL, openai_base_url, "OPENAI_BASE_URL", "https://api.openai.com/v1",                        \
      "Server of the language model: POST /chat/completions below it.")                            \
    X(TEXT, openai_model, "OPENAI_MODEL", "gpt-4o-mini", "Name of the language model.")            \
    X(URL, openai_fallback_url, "OPENAI_FALLBACK_URL", "",                                         \
      "Another such server, asked when the first one fails; unset: none.")                         \
    X(SECRET, openai_fallback_key, "OPENAI_FALLBACK_KEY", "", "Its key; unset: OPENAI_API_KEY.")   \
    X(TEXT, openai_fallback_model, "OPENAI_FALLBACK_MODEL", "", "Its model; unset: OPENAI_MODEL.") \
    X(INT, openai_daily_tokens, "OPENAI_DAILY_TOKENS", "1000000",                                  \
      "Tokens that may be spent a day (UTC), counted in STATE_DIR; 0: no limit.",                  \
      .max = 2000000000)                                                                           \
    X(INT, openai_concurrency, "OPENAI_CONCURRENCY", "4", "Pages that are asked about at once.",   \
      .min = 1, .max = 16)                                                                         \
    X(MS, openai_timeout_ms, "OPENAI_TIMEOUT_MS", "40s",                                           \
      "Longest time for one page, with waiting and repetitions.", .min = 100, .max = 45000)        \
    X(MS, openai_first_byte_ms, "OPENAI_FIRST_BYTE_MS", "20s",                                     \
      "Longest silence of the language model, whole seconds.", .min = 1000, .max = 45000)          \
    X(INT, openai_input_price, "OPENAI_INPUT_PRICE", "0",                                          \
      "Thousandths of a US dollar for a million tokens sent (150: $0.15), to note what each "      \
      "extraction cost; 0: not noted.",                                                            \
      .max = 10000000)                                                                             \
    X(INT, openai_output_price, "OPENAI_OUTPUT_PRICE", "0",                                        \
      "The same for a million tokens received.", .max = 10000000)                                  \
    /* telling */                                                                                  \
    X(CHOICE, log_level, "LOG_LEVEL", "info", "Least important log lines to write.",               \
      .choices = "debug|info|warn|error")                                                          \
    X(CHOICE, log_format, "LOG_FORMAT", "text", "Form of the log lines on standard error.",        \
      .choices = "json|text")
