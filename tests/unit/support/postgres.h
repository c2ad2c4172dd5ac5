// A PostgreSQL cluster of its own for a test program: in a fresh directory, on a unix socket there,
// without durability. It ends with the program, however that ends.
#pragma once

// Creates and starts it, once; the address of its database. The test program ends when that fails.
const char *postgres_url(void);

// Stops the server and starts it again, at the same address. Each waits until that is so.
void postgres_stop(void);
void postgres_start(void);
// Stops it from doing anything, without closing a connection (SIGSTOP to all of its processes), and
// lets it go on.
void postgres_freeze(void);
void postgres_thaw(void);
