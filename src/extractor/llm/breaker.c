#include "extractor/llm/breaker.h"

void llm_breaker_init(struct llm_breaker *breaker)
{
    *breaker = (struct llm_breaker){.pause_ms = LLM_BREAKER_PAUSE_MS};
    pthread_mutex_init(&breaker->lock, NULL);
}

void llm_breaker_done(struct llm_breaker *breaker)
{
    pthread_mutex_destroy(&breaker->lock);
}

bool llm_breaker_enter(struct llm_breaker *breaker, uint64_t now_ms)
{
    pthread_mutex_lock(&breaker->lock);
    bool may = !breaker->is_open;
    if (breaker->is_open && !breaker->is_trying && now_ms >= breaker->open_until_ms)
        may = breaker->is_trying = true;
    pthread_mutex_unlock(&breaker->lock);
    return may;
}

void llm_breaker_succeeded(struct llm_breaker *breaker)
{
    pthread_mutex_lock(&breaker->lock);
    breaker->failures = 0;
    breaker->is_open = breaker->is_trying = false;
    breaker->pause_ms = LLM_BREAKER_PAUSE_MS;
    pthread_mutex_unlock(&breaker->lock);
}

bool llm_breaker_failed(struct llm_breaker *breaker, uint64_t now_ms, uint64_t hold_ms)
{
    pthread_mutex_lock(&breaker->lock);
    bool was_open = breaker->is_open, was_trial = breaker->is_trying;
    breaker->failures++;
    breaker->is_trying = false;
    if (was_trial && breaker->pause_ms < LLM_BREAKER_MAX_PAUSE_MS)
        breaker->pause_ms *= 2;
    uint64_t pause = hold_ms ? hold_ms : breaker->pause_ms;
    if (pause > LLM_BREAKER_MAX_PAUSE_MS)
        pause = LLM_BREAKER_MAX_PAUSE_MS;
    // Failures of requests that were under way when it opened are no reason to wait longer.
    if (was_trial || (!was_open && (hold_ms || breaker->failures >= LLM_BREAKER_FAILURES))) {
        breaker->is_open = true;
        breaker->open_until_ms = now_ms + pause;
    }
    bool has_opened = breaker->is_open && !was_open;
    pthread_mutex_unlock(&breaker->lock);
    return has_opened;
}

void llm_breaker_left(struct llm_breaker *breaker)
{
    pthread_mutex_lock(&breaker->lock);
    breaker->is_trying = false;
    pthread_mutex_unlock(&breaker->lock);
}
