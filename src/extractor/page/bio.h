// What a one-line biography says about somebody's work.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

struct bio_position {
    struct slice title, company; // absent where the bio does not say
};

// "Co-founder & CEO | Tune AI", "Partner @ Engines", "Head of Research at engines.ai", "CEO of
// Acme", "Head of Community, AI Alliance (IBM)", "Developer Advocate". Of several positions the
// first; of several lines the first. What does not begin with a position gives nothing.
struct bio_position bio_read_position(struct arena *arena, struct slice bio);
