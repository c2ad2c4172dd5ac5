// Companies that are a part, a product or a subsidiary of another ("Google Cloud" of Google): other companies, linked as
// part_of (docs/decisions/0028-matching.md, 0032-listings-and-parts.md). Which pairs are such is what the comparison of
// companies says at the level "part_or_product"; the shorter name is the whole.
#pragma once

#include "processor/processing/pipeline.h"

// Links the companies of a page, which have their ids, with what is known: each with its whole, and with its parts.
MUST_CHECK enum err companies_link_parts(struct pipeline *pipeline, struct error *ret_error);
