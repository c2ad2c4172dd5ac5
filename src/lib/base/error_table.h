// Every error the system can name, once. Included several times with different X (see error.h).
//
//   X(NAME, code, http_status, retry, title)
//
// code is what clients and the database see (problem+json `code`, events.processing_error, jobs.error_code)
// and never changes its meaning. retry says whether a job that failed with it may be tried again.
#pragma once

#define ERROR_TABLE(X)                                                                             \
    /* what a client did wrong */                                                                  \
    X(BAD_REQUEST, "bad_request", 400, NEVER, "Bad request")                                       \
    X(INVALID_JSON, "invalid_json", 400, NEVER, "The body is not valid JSON")                      \
    X(UNKNOWN_PARAMETER, "unknown_parameter", 400, NEVER, "Unknown parameter")                     \
    X(INVALID_PARAMETER, "invalid_parameter", 400, NEVER, "Invalid parameter")                     \
    X(MISSING_PARAMETER, "missing_parameter", 400, NEVER, "Missing parameter")                     \
    X(INVALID_CURSOR, "invalid_cursor", 400, NEVER, "Invalid cursor")                              \
    X(UNAUTHORIZED, "unauthorized", 401, NEVER, "Authentication required")                         \
    X(FORBIDDEN, "forbidden", 403, NEVER, "Not allowed")                                           \
    X(NOT_FOUND, "not_found", 404, NEVER, "Not found")                                             \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405, NEVER, "Method not allowed")                  \
    X(NOT_ACCEPTABLE, "not_acceptable", 406, NEVER, "Not acceptable")                              \
    X(REQUEST_TIMEOUT, "request_timeout", 408, NEVER, "The request took too long to arrive")       \
    X(CONFLICT, "conflict", 409, BACKOFF, "Conflict")                                              \
    X(GONE, "gone", 410, NEVER, "Gone")                                                            \
    X(PAYLOAD_TOO_LARGE, "payload_too_large", 413, NEVER, "The body is too large")                 \
    X(UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", 415, NEVER, "Unsupported media type")      \
    X(EXPECTATION_FAILED, "expectation_failed", 417, NEVER, "The expectation cannot be met")       \
    X(INVALID_FIELD, "invalid_field", 422, NEVER, "Invalid field")                                 \
    X(MISSING_FIELD, "missing_field", 422, NEVER, "Missing field")                                 \
    X(URL_NOT_ALLOWED, "url_not_allowed", 422, NEVER, "This address may not be fetched")           \
    X(RATE_LIMITED, "rate_limited", 429, BACKOFF, "Too many requests")                             \
    X(HEADERS_TOO_LARGE, "headers_too_large", 431, NEVER, "The header is too large")               \
    /* what a scraped page or its server did */                                                    \
    X(ROBOTS_DENIED, "robots_denied", 422, NEVER, "robots.txt forbids this address")               \
    X(PAGE_NOT_FOUND, "page_not_found", 404, NEVER, "The page does not exist")                     \
    X(PAGE_GONE, "page_gone", 410, NEVER, "The page is gone")                                      \
    X(LOGIN_WALL, "login_wall", 422, NEVER, "The page asks for a login")                           \
    X(BLOCKED, "blocked", 502, BACKOFF, "The site blocked the request")                            \
    X(FETCH_TIMEOUT, "fetch_timeout", 504, BACKOFF, "The page did not arrive in time")             \
    X(FETCH_FAILED, "fetch_failed", 502, BACKOFF, "The page could not be fetched")                 \
    X(UPSTREAM_ERROR, "upstream_error", 502, BACKOFF, "The site answered with an error")           \
    X(UPSTREAM_BUSY, "upstream_busy", 503, BACKOFF, "The site asks to come back later")            \
    X(PAGE_TOO_LARGE, "page_too_large", 422, NEVER, "The page is too large")                       \
    X(TOO_MANY_REDIRECTS, "too_many_redirects", 422, NEVER, "Too many redirects")                  \
    X(NOT_HTML, "not_html", 422, NEVER, "The address does not hold an HTML page")                  \
    X(NOT_AN_EVENT, "not_an_event", 422, NEVER, "The page is not one event")                       \
    X(PARSE_ERROR, "parse_error", 422, NEVER, "The page could not be read")                        \
    X(EXTRACTOR_FAILED, "extractor_failed", 502, BACKOFF, "The extraction service failed")         \
    /* what went wrong here */                                                                     \
    X(INTERNAL, "internal", 500, BACKOFF, "Internal error")                                        \
    X(NOT_IMPLEMENTED, "not_implemented", 501, NEVER, "Not implemented")                           \
    X(HTTP_VERSION, "http_version", 505, NEVER, "This version of HTTP is not spoken here")         \
    X(DATABASE_UNAVAILABLE, "database_unavailable", 503, BACKOFF, "The database is not available") \
    X(DATABASE_ERROR, "database_error", 500, BACKOFF, "The database refused the statement")        \
    X(OVERLOADED, "overloaded", 503, BACKOFF, "Too much work at once")                             \
    X(SHUTTING_DOWN, "shutting_down", 503, BACKOFF, "The service is shutting down")                \
    X(LEASE_LOST, "lease_lost", 500, BACKOFF, "Another worker took the job over")                  \
    X(CANCELLED, "cancelled", 409, NEVER, "Cancelled")                                             \
    X(TIMEOUT, "timeout", 504, BACKOFF, "Out of time")                                             \
    X(CONFIG_INVALID, "config_invalid", 500, NEVER, "Invalid configuration")                       \
    X(IO, "io", 500, BACKOFF, "Input or output failed")
