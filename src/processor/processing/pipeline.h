// How one page becomes an event: the stages of processing, in order. The first ones are pure functions of what came
// before; the last ones write, in one transaction that ends with the job's completion. A crash anywhere leaves either
// nothing or everything, and the next worker starts over.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/db/session.h"
#include "lib/embed/embed.h"
#include "lib/http/client.h"
#include "lib/json/json.h"
#include "lib/queue/queue.h"

// A person, company or topic of the record with its key and, once resolved, its row.
struct entity {
    yyjson_val *json;  // as the extractor gave it
    struct slice name; // cleaned for showing
    struct slice normalized_name;
    char id[UUID_TEXT]; // set by the resolve stages
};

struct entities {
    struct entity *items;
    size_t count;
};

struct pipeline {
    struct arena *arena;
    struct db_session *session;
    struct http_client *client;
    const struct queue_job *job;
    const char *extractor_url;

    struct slice html, url, page_hash;           // load
    struct slice record_json;                    // extract: the answer as it came
    yyjson_val *record;                          // extract: the same, parsed
    struct slice fields_json;                    // normalise: the event's columns, flat
    struct entities speakers, companies, topics; // normalise: without those that have no name
    float embedding[EMBED_DIMENSIONS];           // embed
    bool has_embedding;
    bool has_all_keys; // begin: every key is locked (relationships/locks.h)
    bool is_done;      // a stage has ended the job: those that follow are left out
};

// Runs all stages for one job. Has committed when it returns ERR_OK; errors leave the session's transaction open (the
// queue rolls it back).
MUST_CHECK enum err pipeline_run(struct pipeline *pipeline, struct error *ret_error);

// For a stage that finds that the event has become another name of one: completes the job, nothing else.
MUST_CHECK enum err pipeline_complete_merged(struct pipeline *pipeline, struct error *ret_error);

// For a stage that finds, in the transaction, that the event is another name of one by now: all that is left to do.
MUST_CHECK enum err pipeline_finish_merged(struct pipeline *pipeline, struct error *ret_error);

// Other events of people and companies of whom this page told something new are rendered by a job.
MUST_CHECK enum err pipeline_queue_related(struct pipeline *pipeline, struct error *ret_error);

// Makes sessions that process listings with a key in common wait for each other until their transactions end. To be called
// before the event is locked, and before the keys of its people.
MUST_CHECK enum err pipeline_lock_listings(struct pipeline *pipeline, struct error *ret_error);

// The stages, one file each under processing/ and relationships/.
enum err stage_load(struct pipeline *pipeline, struct error *ret_error);
enum err stage_extract(struct pipeline *pipeline, struct error *ret_error);
enum err stage_normalise(struct pipeline *pipeline, struct error *ret_error);
enum err stage_embed(struct pipeline *pipeline, struct error *ret_error);
enum err stage_begin(struct pipeline *pipeline, struct error *ret_error);
enum err stage_resolve_speakers(struct pipeline *pipeline, struct error *ret_error);
enum err stage_resolve_companies(struct pipeline *pipeline, struct error *ret_error);
enum err stage_resolve_topics(struct pipeline *pipeline, struct error *ret_error);
enum err stage_store(struct pipeline *pipeline, struct error *ret_error);
enum err stage_resolve_event(struct pipeline *pipeline, struct error *ret_error);
enum err stage_score(struct pipeline *pipeline, struct error *ret_error);
enum err stage_project(struct pipeline *pipeline, struct error *ret_error);
enum err stage_finish(struct pipeline *pipeline, struct error *ret_error);
