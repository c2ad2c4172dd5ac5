// A circuit breaker: an endpoint that fails again and again is left alone for a while, then asked
// once; the pauses double. Thread-safe. Times are those of clock_monotonic_ms.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LLM_BREAKER_FAILURES = 4, // in a row, until it opens
    LLM_BREAKER_PAUSE_MS = 60 * 1000,
    LLM_BREAKER_MAX_PAUSE_MS = 15 * 60 * 1000,
};

struct llm_breaker {
    pthread_mutex_t lock;
    int failures; // in a row
    uint64_t open_until_ms, pause_ms;
    bool is_open, is_trying; // trying: one request finds out whether it works again
};

void llm_breaker_init(struct llm_breaker *breaker);
void llm_breaker_done(struct llm_breaker *breaker);

// May a request be made? Whoever may must say how it ended, by one of the three.
bool llm_breaker_enter(struct llm_breaker *breaker, uint64_t now_ms);
void llm_breaker_succeeded(struct llm_breaker *breaker);
// hold_ms: it opens at once and stays so for that long (the key was refused, the endpoint said when
// to come back); 0: as usual. True when it has just opened.
bool llm_breaker_failed(struct llm_breaker *breaker, uint64_t now_ms, uint64_t hold_ms);
void llm_breaker_left(struct llm_breaker *breaker); // nothing is known of the endpoint
