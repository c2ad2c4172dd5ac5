// What people, companies and topics have in common: the list as JSON for a statement, the ids back.
#pragma once

#include "processor/processing/pipeline.h"

// Writes the members of one entity into an open object.
typedef void entity_writer(struct json_writer *w, const struct entity *entity);

// [{"position": 0, "name": …, "normalized_name": …, … what write adds}]; with ids "id" too. In the arena.
struct slice entities_render(struct arena *arena, const struct entities *entities, bool with_ids,
                             entity_writer *write);

// Runs a statement that finds or makes rows (position, id) and fills the entities' ids. Every entity must get one.
MUST_CHECK enum err entities_identify(struct pipeline *pipeline, struct entities *entities,
                                      const struct db_statement *statement, entity_writer *write,
                                      struct error *ret_error);

// Runs a link statement (event_id, links).
MUST_CHECK enum err entities_link(struct pipeline *pipeline, const struct entities *entities,
                                  const struct db_statement *statement, entity_writer *write,
                                  struct error *ret_error);

// Confidence, evidence and method of an extracted value, as every link keeps them.
void entity_write_evidence(struct json_writer *w, const struct entity *entity);
