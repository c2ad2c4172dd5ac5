// What the server reads out of a complete request header, and refuses in it. Private to the server.
#pragma once

#include "lib/base/error.h"
#include "lib/http/exchange.h"

// From method, target, headers, version and has_body of the exchange: fills path, query, request_id,
// traceparent, accept_encoding, if_none_match, expects_continue. Errors, with a static text: ERR_BAD_REQUEST,
// ERR_NOT_IMPLEMENTED (method or transfer coding), ERR_EXPECTATION_FAILED.
MUST_CHECK enum err http_request_head_read(struct exchange *exchange, bool has_body,
                                           const char **ret_detail);

// Gives an exchange without a request id a new one: those that fail before their header is complete.
void http_request_head_identify(struct exchange *exchange);
