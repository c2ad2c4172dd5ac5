#include "lib/match/link.h"

#include "lib/match/wordlist.h"
#include "lib/text/unicode.h"

#include <string.h>

static const struct {
    const char *domain;
    enum match_site site;
} sites[] = {
    {"linkedin.com", SITE_LINKEDIN},   {"twitter.com", SITE_TWITTER},
    {"x.com", SITE_TWITTER},           {"github.com", SITE_GITHUB},
    {"instagram.com", SITE_PROFILE},   {"facebook.com", SITE_PROFILE},
    {"tiktok.com", SITE_PROFILE},      {"threads.net", SITE_PROFILE},
    {"bsky.app", SITE_PROFILE},        {"youtube.com", SITE_PROFILE},
    {"medium.com", SITE_PROFILE},      {"gitlab.com", SITE_PROFILE},
    {"mastodon.social", SITE_PROFILE}, {"lu.ma", SITE_PROFILE},
    {"luma.com", SITE_PROFILE},        {"crunchbase.com", SITE_PROFILE},
    {"speakerdeck.com", SITE_PROFILE},
};

// Hosts where everybody has pages: the host alone says nothing.
static const char *const shared_hosts[] = {
    "about.me",       "bit.ly",      "blogspot.com",  "calendly.com",   "docs.google.com",
    "eventbrite.com", "forms.gle",   "github.io",     "google.com",     "linktr.ee",
    "meetup.com",     "netlify.app", "notion.site",   "sessionize.com", "substack.com",
    "t.me",           "vercel.app",  "wordpress.com", "youtu.be",
};

static struct slice without(struct slice text, struct slice beginning)
{
    return slice_starts_with(text, beginning) ? slice_sub(text, beginning.len, text.len) : text;
}

static struct slice before(struct slice text, const char *marks)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(marks, text.ptr[i]))
            return slice_sub(text, 0, i);
    return text;
}

// ---- hosts

// The label in front of `end`, which is not part of it.
static size_t label_start(struct slice host, size_t end)
{
    while (end > 0 && host.ptr[end - 1] != '.')
        end--;
    return end;
}

// Where the registrable domain begins, and where its first label ends.
static bool split_host(struct slice host, size_t *ret_start, size_t *ret_end)
{
    size_t top = label_start(host, host.len);
    if (top < 2)
        return false;
    size_t start = label_start(host, top - 1), end = top - 1;
    struct slice second = slice_sub(host, start, end - start);
    // "acme.co.uk", but "co.uk" and "com.io" have nothing in front.
    if (start >= 2 && host.len - top == 2 && wordlist_is_public_suffix(second)) {
        end = start - 1;
        start = label_start(host, end);
    }
    *ret_start = start;
    *ret_end = end;
    return end > start;
}

struct slice link_host_core(struct slice host)
{
    size_t start, end;
    return split_host(host, &start, &end) ? slice_sub(host, start, end - start) : (struct slice){0};
}

struct slice link_host_domain(struct slice host)
{
    size_t start, end;
    return split_host(host, &start, &end) ? slice_sub(host, start, host.len) : host;
}

static bool is_host(struct slice text)
{
    size_t dot = slice_find_char(text, '.'), top = label_start(text, text.len);
    if (dot == SIZE_MAX || dot == 0 || text.len - top < 2 || text.len - top > 12)
        return false;
    for (size_t i = top; i < text.len; i++)
        if (text.ptr[i] < 'a' || text.ptr[i] > 'z')
            return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || strchr(",;:@()&/\"", text.ptr[i]) ||
            (text.ptr[i] == '.' && text.ptr[i + 1] == '.'))
            return false;
    return true;
}

static struct slice without_scheme(struct slice text)
{
    text = without(without(text, SLICE("https://")), SLICE("http://"));
    return without(text, SLICE("www."));
}

// The host is part of the text, which is folded.
static bool find_host(struct slice folded, struct slice *ret_host)
{
    struct slice host = before(without_scheme(folded), "/?#:");
    if (!is_host(host))
        return false;
    *ret_host = host;
    return true;
}

bool link_is_host(struct arena *arena, struct slice text, struct slice *ret_host)
{
    return find_host(unicode_fold(arena, slice_trim(text)), ret_host);
}

// ---- accounts

static struct slice trim_slashes(struct slice path)
{
    while (path.len && strchr("/@", path.ptr[0]))
        path = slice_sub(path, 1, path.len);
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

static bool ends_with_domain(struct slice host, const char *domain)
{
    struct slice wanted = slice_from_cstr(domain);
    return slice_ends_with(host, wanted) &&
           (host.len == wanted.len || host.ptr[host.len - wanted.len - 1] == '.');
}

static struct match_link account_of(struct arena *arena, enum match_site site, struct slice host,
                                    struct slice path)
{
    // The first part of the path, on LinkedIn two ("in/ada").
    size_t parts = site == SITE_LINKEDIN ? 2 : 1, end = 0;
    while (end < path.len && (path.ptr[end] != '/' || --parts > 0))
        end++;
    struct slice handle = slice_sub(path, 0, end);
    if (handle.len == 0)
        return (struct match_link){0};
    if (site == SITE_PROFILE)
        handle =
            slice_from_cstr(arena_printf(arena, "%.*s/%.*s", SLICE_FMT(host), SLICE_FMT(path)));
    return (struct match_link){site, handle};
}

struct match_link link_read(struct arena *arena, struct slice text)
{
    struct slice host, folded = unicode_fold(arena, slice_trim(text));
    if (!find_host(folded, &host))
        return (struct match_link){0};
    size_t behind = (size_t)(host.ptr + host.len - folded.ptr);
    struct slice path = before(slice_sub(folded, behind, folded.len), "?#");
    if (path.len && path.ptr[0] == ':')
        path = slice_sub(path, slice_find_char(path, '/'), path.len);
    path = trim_slashes(path);
    for (size_t i = 0; i < ARRAY_LEN(sites); i++)
        if (ends_with_domain(host, sites[i].domain))
            return account_of(arena, sites[i].site, slice_from_cstr(sites[i].domain), path);
    for (size_t i = 0; i < ARRAY_LEN(shared_hosts); i++)
        if (ends_with_domain(host, shared_hosts[i]))
            return path.len ? account_of(arena, SITE_PROFILE, host, path) : (struct match_link){0};
    return (struct match_link){SITE_WEBSITE, link_host_domain(host)};
}

enum link_agreement link_compare(enum match_site site, const struct match_link *a, size_t a_count,
                                 const struct match_link *b, size_t b_count)
{
    enum link_agreement found = LINKS_NONE;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++) {
            if (a[i].site != site || b[j].site != site)
                continue;
            if (slice_equal(a[i].handle, b[j].handle))
                return LINKS_SAME;
            found = LINKS_OTHER;
        }
    return found;
}
