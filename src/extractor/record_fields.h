// The fields of an event, once. Included several times with different X (see record.h).
//
//   X(NAME, json_key, type, group)
//
// The fields of a group are taken from one source together, so that no city meets another source's
// venue. Rows whose key has a dot are rendered as one object, and stand next to each other.
#pragma once

#define RECORD_FIELDS(X)                                                                           \
    X(NAME, "name", TEXT, ALONE)                                                                   \
    X(DESCRIPTION, "description", TEXT, ALONE) /* plain text with lines; lists have "- " */        \
    X(DATE, "date", TEXT, TIME)                /* of the start, in the event's own zone */         \
    X(STARTS_AT, "starts_at", INSTANT, TIME)                                                       \
    X(ENDS_AT, "ends_at", INSTANT, TIME)                                                           \
    X(TIMEZONE, "timezone", TEXT, ALONE) /* IANA */                                                \
    X(LOCATION, "location", TEXT, PLACE) /* one line for people */                                 \
    X(VENUE, "venue", TEXT, PLACE)       /* a named place, no street */                            \
    X(ADDRESS, "address", TEXT, PLACE)                                                             \
    X(CITY, "city", TEXT, PLACE)                                                                   \
    X(REGION, "region", TEXT, PLACE)                                                               \
    X(COUNTRY, "country", TEXT, PLACE) /* ISO 3166-1 alpha-2 */                                    \
    X(LATITUDE, "latitude", NUMBER, POINT)                                                         \
    X(LONGITUDE, "longitude", NUMBER, POINT)                                                       \
    X(IS_ONLINE, "is_online", FLAG, ALONE)                                                         \
    X(STATUS, "status", TEXT, ALONE) /* scheduled, cancelled, postponed */                         \
    X(IMAGE_URL, "image_url", TEXT, ALONE)                                                         \
    X(PRICE_CENTS, "price.cents", INTEGER, PRICE)    /* the lowest; minor units of the currency */ \
    X(PRICE_CURRENCY, "price.currency", TEXT, PRICE) /* ISO 4217 */                                \
    X(IS_FREE, "is_free", FLAG, PRICE)                                                             \
    X(SOLD_OUT, "sold_out", FLAG, ALONE)                                                           \
    X(LANGUAGE, "language", TEXT, ALONE)          /* BCP 47 */                                     \
    X(LUMA_ID, "luma_id", TEXT, ALONE)            /* evt-… */                                      \
    X(URL, "url", TEXT, ALONE)                    /* canonical */                                  \
    X(CALENDAR_ID, "calendar.id", TEXT, CALENDAR) /* cal-… */                                      \
    X(CALENDAR_NAME, "calendar.name", TEXT, CALENDAR)                                              \
    X(CALENDAR_URL, "calendar.url", TEXT, CALENDAR)                                                \
    X(GUEST_COUNT, "guest_count", INTEGER, ALONE)
