// Embeddings: texts as unit vectors of 1536 dimensions, so that near meanings (here: shared vocabulary) are near.
//
// The built-in model "local-hash-1" needs no network and no weights: words, pairs of words and the trigrams of long words
// are hashed into the dimensions with a sign (feature hashing: Weinberger et al., 2009), their counts dampened, and the
// vector brought to length 1. Vectors of different models must not be compared: keep the name beside the vector.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

enum { EMBED_DIMENSIONS = 1536 };
#define EMBED_LOCAL_MODEL "local-hash-1"

struct embed_part {
    struct slice text; // UTF-8; absent parts are passed over
    float weight;      // how much a word counts here
};

// Fills ret_vector. All parts blank: the zero vector, and false is returned.
bool embed_local(struct arena *arena, const struct embed_part *parts, size_t count,
                 float ret_vector[static EMBED_DIMENSIONS]);

// The vector as text of PostgreSQL's type vector: "[0.1,0,…]".
struct slice embed_to_text(struct arena *arena, const float vector[static EMBED_DIMENSIONS]);
