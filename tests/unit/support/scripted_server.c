#include "support/scripted_server.h"

#include "lib/base/compiler.h"
#include "lib/base/ensure.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool script_wait(struct scripted_server *server, int fd)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN},
                            {.fd = server->wake[0], .events = POLLIN}};
    return poll(fds, 2, 20000) > 0 && !(fds[1].revents & POLLIN);
}

// Reads one header block (and no body: scripts are for GET); false when the connection ended.
static bool script_read(struct scripted_server *server, int fd, char *text)
{
    size_t len = 0;
    while (len < SCRIPT_REQUEST_BYTES - 1) {
        if (!script_wait(server, fd))
            return false;
        ssize_t n = recv(fd, text + len, SCRIPT_REQUEST_BYTES - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n"))
            return true;
    }
    return false;
}

static bool script_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static struct script_row *script_find(struct scripted_server *server, const char *request)
{
    const char *target = strchr(request, ' ');
    size_t len = target ? strcspn(target + 1, " ") : 0;
    for (size_t i = 0; target && i < server->row_count; i++) {
        struct script_row *row = &server->rows[i];
        if ((row->times && server->used[i] >= row->times) ||
            (row->path && (strlen(row->path) != len || strncmp(row->path, target + 1, len) != 0)))
            continue;
        server->used[i]++;
        return row;
    }
    return NULL;
}

static void script_serve(struct scripted_server *server, int fd)
{
    char *text = malloc(SCRIPT_REQUEST_BYTES);
    ensure(text);
    bool open = true;
    while (open && script_read(server, fd, text)) {
        pthread_mutex_lock(&server->lock);
        if (server->request_count < SCRIPT_MAX_REQUESTS)
            memcpy(server->requests[server->request_count++], text, strlen(text) + 1);
        struct script_row *row = script_find(server, text);
        pthread_mutex_unlock(&server->lock);
        open = row && row->keep_open;
        if (!row)
            continue;
        bool sent =
            !row->bytes || script_send(fd, row->bytes, row->len ? row->len : strlen(row->bytes));
        for (size_t i = 0; sent && i < row->repeat; i++)
            sent = script_send(fd, row->tail, strlen(row->tail));
        if (row->hang)
            script_wait(server, fd);
    }
    free(text);
    // Half-close first: unread bytes would turn the close into a reset that takes our answer along.
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void *script_run(void *user)
{
    struct scripted_server *server = user;
    while (script_wait(server, server->listener)) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        pthread_mutex_lock(&server->lock);
        server->connections++;
        pthread_mutex_unlock(&server->lock);
        script_serve(server, fd);
    }
    return NULL;
}

struct scripted_server *scripted_server_start(const struct script_row *rows, size_t count)
{
    struct scripted_server *server = calloc(1, sizeof *server);
    ensure(server && count <= ARRAY_LEN(server->rows));
    memcpy(server->rows, rows, count * sizeof *rows);
    server->row_count = count;
    pthread_mutex_init(&server->lock, NULL);
    ensure(pipe2(server->wake, O_CLOEXEC) == 0);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    ensure(server->listener >= 0 &&
           bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(server->listener, 16) == 0 &&
           getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    ensure(pthread_create(&server->thread, NULL, script_run, server) == 0);
    return server;
}

void scripted_server_add(struct scripted_server *server, struct script_row row)
{
    pthread_mutex_lock(&server->lock);
    ensure(server->row_count < ARRAY_LEN(server->rows));
    server->rows[server->row_count++] = row;
    pthread_mutex_unlock(&server->lock);
}

void scripted_server_stop(struct scripted_server *server)
{
    ensure(write(server->wake[1], "x", 1) == 1);
    pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->wake[0]);
    close(server->wake[1]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

size_t scripted_server_requests(struct scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

int scripted_server_connections(struct scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    int count = server->connections;
    pthread_mutex_unlock(&server->lock);
    return count;
}

bool scripted_server_saw(struct scripted_server *server, size_t number, const char *text)
{
    pthread_mutex_lock(&server->lock);
    bool saw = number < server->request_count && strstr(server->requests[number], text);
    pthread_mutex_unlock(&server->lock);
    return saw;
}
