#include "lib/http/address.h"

#include "lib/base/compiler.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct prefix4 {
    uint8_t bytes[4];
    uint8_t bits;
};

static const struct prefix4 special4[] = {
    {{0}, 8},             // "this network"
    {{10}, 8},            // private use
    {{100, 64}, 10},      // shared by carriers (CGNAT)
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link local, metadata services
    {{172, 16}, 12},      // private use
    {{192, 0, 0}, 24},    // IETF protocol assignments
    {{192, 0, 2}, 24},    // documentation
    {{192, 31, 196}, 24}, // AS112
    {{192, 52, 193}, 24}, // AMT relays
    {{192, 88, 99}, 24},  // 6to4 relays
    {{192, 168}, 16},     // private use
    {{192, 175, 48}, 24}, // AS112
    {{198, 18}, 15},      // benchmarking
    {{198, 51, 100}, 24}, // documentation
    {{203, 0, 113}, 24},  // documentation
    {{224}, 4},           // multicast
    {{240}, 4},           // reserved, limited broadcast
};

enum policy6 { REFUSE, ALLOW, AS_EMBEDDED_IPV4 /* in the last four bytes */ };

struct prefix6 {
    uint8_t bytes[16];
    uint8_t bits;
    enum policy6 policy;
};

// The first match decides; what is in no row is refused: all of IPv6 outside 2000::/3 is special.
static const struct prefix6 prefixes6[] = {
    {{[10] = 0xff, 0xff}, 96, AS_EMBEDDED_IPV4},   // ::ffff:0:0/96 v4-mapped
    {{0, 0x64, 0xff, 0x9b}, 96, AS_EMBEDDED_IPV4}, // 64:ff9b::/96 NAT64
    {{0x20, 0x01, 0}, 23, REFUSE},                 // 2001::/23 Teredo, ORCHID, protocols
    {{0x20, 0x01, 0x0d, 0xb8}, 32, REFUSE},        // 2001:db8::/32 documentation
    {{0x20, 0x02}, 16, REFUSE},                    // 2002::/16 6to4
    {{0x26, 0x20, 0, 0x4f, 0x80, 0}, 48, REFUSE},  // 2620:4f:8000::/48 AS112
    {{0x3f, 0xfe}, 16, REFUSE},                    // 3ffe::/16 the former 6bone
    {{0x3f, 0xff, 0}, 20, REFUSE},                 // 3fff::/20 documentation
    {{0x20}, 3, ALLOW},                            // 2000::/3 global unicast
};

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address, prefix, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static bool is_public4(const uint8_t address[static 4])
{
    for (size_t i = 0; i < ARRAY_LEN(special4); i++)
        if (has_prefix(address, special4[i].bytes, special4[i].bits))
            return false;
    return true;
}

static bool is_public6(const uint8_t address[static 16])
{
    for (size_t i = 0; i < ARRAY_LEN(prefixes6); i++) {
        if (!has_prefix(address, prefixes6[i].bytes, prefixes6[i].bits))
            continue;
        return prefixes6[i].policy == ALLOW ||
               (prefixes6[i].policy == AS_EMBEDDED_IPV4 && is_public4(address + 12));
    }
    return false;
}

bool http_address_is_public(const char *address)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, address, bytes) == 1)
        return is_public4(bytes);
    return inet_pton(AF_INET6, address, bytes) == 1 && is_public6(bytes);
}

bool http_sockaddr_is_public(const struct sockaddr *address)
{
    uint8_t bytes[16];
    switch (address->sa_family) {
    case AF_INET:
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in, sin_addr), 4);
        return is_public4(bytes);
    case AF_INET6:
        memcpy(bytes, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), 16);
        return is_public6(bytes);
    default:
        return false;
    }
}

void http_address_network(struct slice address, char ret_network[static HTTP_NETWORK_TEXT])
{
    struct in6_addr six;
    const uint8_t *b = six.s6_addr;
    snprintf(ret_network, HTTP_NETWORK_TEXT, "%.*s", SLICE_FMT(address));
    if (inet_pton(AF_INET6, ret_network, &six) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        snprintf(ret_network, HTTP_NETWORK_TEXT, "%d.%d.%d.%d", b[12], b[13], b[14], b[15]);
    else
        snprintf(ret_network, HTTP_NETWORK_TEXT, "%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", b[0],
                 b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}
