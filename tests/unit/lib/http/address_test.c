#include "lib/http/address.h"

#include "lib/base/compiler.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

// First and last address of every special block, and their neighbours outside.
static const struct {
    const char *address;
    bool is_public;
} rows[] = {
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.0.0", false},
    {"169.254.169.254", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.9", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.0.3.0", true},
    {"192.31.196.1", false},
    {"192.52.193.1", false},
    {"192.88.99.1", false},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"192.175.48.6", false},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.7", false},
    {"203.0.113.7", false},
    {"203.0.114.0", true},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.0", false},
    {"255.255.255.255", false},
    {"8.8.8.8", true},
    {"::", false},
    {"::1", false},
    {"::2", false},
    {"::8.8.8.8", false}, // "v4-compatible", long dead
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"::ffff:8.8.8.8", true},
    {"::ffff:0:8.8.8.8", false}, // "v4-translated"
    {"64:ff9b::10.0.0.1", false},
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b:1::8.8.8.8", false},
    {"100::1", false},
    {"1fff::1", false},
    {"2000::1", true},
    {"2001::1", false},    // Teredo
    {"2001:2::1", false},  // benchmarking
    {"2001:20::1", false}, // ORCHID
    {"2001:1ff:ffff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"2001:db9::1", true},
    {"2002:7f00:1::1", false},  // 6to4 of 127.0.0.1
    {"2002:808:808::1", false}, // 6to4, whatever it carries
    {"2606:4700:4700::1111", true},
    {"2620:4f:8000::1", false},
    {"2a00:1450:4001::200e", true},
    {"3ffe::1", false},
    {"3fff::1", false},
    {"3fff:fff::1", false},
    {"3fff:1000::1", true},
    {"4000::1", false},
    {"5f00::1", false},
    {"fc00::1", false},
    {"fd12:3456::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
    {"", false},
    {"luma.com", false},
    {"127.1", false},
    {"8.8.8.8 ", false},
    {"[2606:4700:4700::1111]", false},
    {"fe80::1%lo", false},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (http_address_is_public(rows[i].address) != rows[i].is_public)
            fail_msg("%s is %spublic", rows[i].address, rows[i].is_public ? "" : "not ");
}

static void test_socket_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sockaddr_storage storage = {0};
        struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
        if (inet_pton(AF_INET, rows[i].address, &v4->sin_addr) == 1)
            storage.ss_family = AF_INET;
        else if (inet_pton(AF_INET6, rows[i].address, &v6->sin6_addr) == 1)
            storage.ss_family = AF_INET6;
        else
            continue;
        if (http_sockaddr_is_public((const struct sockaddr *)&storage) != rows[i].is_public)
            fail_msg("%s is %spublic", rows[i].address, rows[i].is_public ? "" : "not ");
    }
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    assert_false(http_sockaddr_is_public((const struct sockaddr *)&path));
}

// Hosts of one IPv6 network are counted as one.
static void test_networks(void **state)
{
    static const struct {
        const char *address, *network;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2::1", "2001:0db8:0001:0002::/64"},
        {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002::/64"},
        {"2001:db8:1:3::1", "2001:0db8:0001:0003::/64"},
        {"::1", "0000:0000:0000:0000::/64"},
        {"", ""},
        {"no address", "no address"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char network[HTTP_NETWORK_TEXT];
        http_address_network(slice_from_cstr(cases[i].address), network);
        assert_string_equal(network, cases[i].network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_socket_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
