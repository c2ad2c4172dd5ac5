#include "extractor/sandbox/wire.h"

#include <string.h>

bool sandbox_request_decode(const void *bytes, size_t len, struct sandbox_request *ret_request)
{
    if (len != sizeof *ret_request)
        return false;
    memcpy(ret_request, bytes, len);
    return ret_request->number > 0 && ret_request->page_bytes <= PAGE_MAX_BYTES &&
           ret_request->url_bytes <= SANDBOX_MAX_URL && ret_request->has_url <= 1;
}

bool sandbox_reply_decode(const void *bytes, size_t len, uint32_t number,
                          struct sandbox_reply *ret_reply)
{
    if (len != sizeof *ret_reply)
        return false;
    memcpy(ret_reply, bytes, len);
    if (ret_reply->said >= SANDBOX_SAID_COUNT || ret_reply->unused != 0)
        return false;
    if (ret_reply->said == SANDBOX_SAID_LOCKED || ret_reply->said == SANDBOX_SAID_UNFILTERED)
        return ret_reply->number == 0;
    return number > 0 && ret_reply->number == number && ret_reply->bytes <= EXTRACTOR_MAX_ANSWER;
}
