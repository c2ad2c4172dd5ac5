#include "extractor/page/hosts.h"

#include "extractor/page/links.h"
#include "lib/text/names.h"

#include <string.h>

static void add_company(struct record *record, enum method method, const struct host *host,
                        const struct slice *links, struct slice luma_id, double confidence)
{
    struct company company = {.name = name_clean_company(record->arena, host->raw),
                              .domain = link_domain(record->arena, host->website),
                              .relationship = "host",
                              .luma_id = luma_id,
                              .evidence = host->raw,
                              .method = method,
                              .confidence = confidence};
    memcpy(company.links, links, sizeof company.links);
    record_add_company(record, company);
}

static void add_person(struct record *record, enum method method, const struct host *host,
                       const struct slice *links, struct slice luma_id, double confidence)
{
    struct person person = {.name = host->name.name,
                            .company = host->name.company.len ? host->name.company
                                                              : host->position.company,
                            .title = host->name.title.len ? host->name.title : host->position.title,
                            .bio = host->bio,
                            .role = "host",
                            .luma_id = luma_id,
                            .evidence = host->raw,
                            .method = method,
                            .confidence = confidence};
    memcpy(person.links, links, sizeof person.links);
    record_add_person(record, person);
}

void hosts_add(struct record *record, enum method method, struct host *host,
               const struct host_context *context, const struct slice *links, struct slice luma_id)
{
    if (host->raw.len == 0)
        return;
    host->name = name_split_person(record->arena, host->raw);
    host->key = name_company_key(record->arena, host->raw);
    host->position = bio_read_position(record->arena, host->bio);
    struct host_verdict verdict = host_judge(record->arena, host, context);
    // What the source itself is worth bounds what is concluded from it.
    double usual = method_confidence(method),
           confidence = verdict.confidence < usual ? verdict.confidence : usual;
    if (verdict.is_company)
        add_company(record, method, host, links, luma_id, confidence);
    else
        add_person(record, method, host, links, luma_id, confidence);
}
