// Is a network address one of the public internet? Sources: the IANA registries of special-purpose IPv4 and
// IPv6 addresses (RFC 6890 and successors), IPv6 global unicast space, multicast. Stricter than these: what
// they call globally reachable for one protocol's sake (AS112, anycast relays …) holds no web site and is
// refused too.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <sys/socket.h>

// A numeric address as text: IPv4 in four decimal numbers, IPv6 without brackets and zone. Anything else is
// not public. An IPv6 address that carries an IPv4 one by translation (v4-mapped, NAT64) is as public as
// that; tunnels (6to4, Teredo) never are.
bool http_address_is_public(const char *address);

// The same for AF_INET and AF_INET6 socket addresses; other families are not public.
bool http_sockaddr_is_public(const struct sockaddr *address);

// Whom a numeric address stands for where clients are counted: an IPv4 address (also one that is mapped into IPv6) for
// itself; of IPv6 the network of 64 bits, because a host has as many addresses in it as it likes. Other text as it is.
enum { HTTP_NETWORK_TEXT = 64 };
void http_address_network(struct slice address, char ret_network[static HTTP_NETWORK_TEXT]);
