#include "extractor/page/links.h"

#include "lib/text/unicode.h"
#include "lib/text/url.h"

#include <string.h>

enum { MAX_URL = 2000, MAX_RAW = 4 * MAX_URL, MAX_SLUG = 200, MAX_HANDLE = 100 };

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// Behind "https://" or "http://"; absent when the address has neither.
static struct slice after_scheme(struct slice url)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct slice scheme = slice_from_cstr(schemes[i]);
        if (slice_equal_nocase(slice_sub(url, 0, scheme.len), scheme))
            return slice_sub(url, scheme.len, url.len);
    }
    return (struct slice){0};
}

static size_t first_of(struct slice text, const char *characters)
{
    size_t at = 0;
    while (at < text.len && (text.ptr[at] == '\0' || !strchr(characters, text.ptr[at])))
        at++;
    return at;
}

struct slice link_host(struct arena *arena, struct slice url)
{
    struct slice rest = after_scheme(url);
    struct slice authority = slice_sub(rest, 0, first_of(rest, "/?#\\"));
    size_t at = slice_find_char(authority, '@');
    if (at != SIZE_MAX)
        authority = slice_sub(authority, at + 1, authority.len);
    enum url_host_kind kind;
    struct slice host = url_host(arena, slice_sub(authority, 0, first_of(authority, ":")), &kind);
    // An address in numbers or a name without a dot is nobody's site.
    bool is_site = host.len && kind == URL_HOST_NAME && slice_find_char(host, '.') != SIZE_MAX;
    return is_site ? host : (struct slice){0};
}

struct slice link_http(struct arena *arena, struct slice url)
{
    if (url.len > MAX_RAW)
        return (struct slice){0};
    url = unicode_clean_line(arena, url);
    if (slice_equal_nocase(slice_sub(url, 0, 4), SLICE("www.")))
        url = slice_from_cstr(
            arena_printf(arena, "https://%.*s", SLICE_FMT(slice_sub(url, 0, MAX_URL))));
    bool usable =
        url.len <= MAX_URL && slice_find_char(url, ' ') == SIZE_MAX && link_host(arena, url).ptr;
    return usable ? url : (struct slice){0};
}

static bool is_host_or_subdomain(struct slice host, struct slice domain)
{
    return slice_equal(host, domain) || (host.len > domain.len && slice_ends_with(host, domain) &&
                                         host.ptr[host.len - domain.len - 1] == '.');
}

bool link_is_luma(struct arena *arena, struct slice url)
{
    struct slice host = link_host(arena, url);
    return is_host_or_subdomain(host, SLICE("luma.com")) ||
           is_host_or_subdomain(host, SLICE("lu.ma"));
}

// A path of Luma: "ab12cd34", "event/evt-…"; letters, digits and a few signs.
static bool is_luma_path(struct slice path)
{
    if (path.len == 0 || path.len > MAX_SLUG || !is_alphanumeric(path.ptr[0]))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if (!is_alphanumeric(path.ptr[i]) && !(path.ptr[i] && strchr("-_.~/", path.ptr[i])))
            return false;
    return true;
}

static struct slice luma_address(struct arena *arena, struct slice path)
{
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    if (!is_luma_path(path))
        return (struct slice){0};
    return slice_from_cstr(arena_printf(arena, "https://luma.com/%.*s", SLICE_FMT(path)));
}

struct slice link_event(struct arena *arena, struct slice slug_or_url)
{
    if (slug_or_url.len > MAX_RAW)
        return (struct slice){0};
    struct slice text = unicode_clean_line(arena, slug_or_url);
    struct slice rest = after_scheme(text);
    if (!rest.ptr)
        return luma_address(arena, text);
    if (!link_is_luma(arena, text))
        return link_http(arena, text);
    size_t slash = slice_find_char(rest, '/');
    struct slice path =
        slash == SIZE_MAX ? (struct slice){0} : slice_sub(rest, slash + 1, rest.len);
    return luma_address(arena, slice_sub(path, 0, first_of(path, "?#")));
}

// Sites whose host says nothing about the organisation that has a page there.
static const char *const shared_sites[] = {
    "airtable.com",    "beacons.ai",   "bio.link",      "bio.site",       "bsky.app",
    "calendly.com",    "canva.com",    "carrd.co",      "discord.com",    "discord.gg",
    "eventbrite.com",  "facebook.com", "forms.gle",     "framer.website", "github.com",
    "github.io",       "google.com",   "instagram.com", "linkedin.com",   "linktr.ee",
    "lu.ma",           "luma.com",     "medium.com",    "meetup.com",     "netlify.app",
    "notion.site",     "notion.so",    "partiful.com",  "soundcloud.com", "spotify.com",
    "squarespace.com", "substack.com", "super.site",    "t.me",           "threads.net",
    "tiktok.com",      "twitter.com",  "typeform.com",  "vercel.app",     "webflow.io",
    "whatsapp.com",    "wixsite.com",  "wordpress.com", "x.com",          "youtu.be",
    "youtube.com",
};

struct slice link_domain(struct arena *arena, struct slice website)
{
    struct slice host = link_host(arena, link_http(arena, website));
    for (size_t i = 0; i < ARRAY_LEN(shared_sites); i++)
        if (is_host_or_subdomain(host, slice_from_cstr(shared_sites[i])))
            return (struct slice){0};
    return slice_starts_with(host, SLICE("www.")) ? slice_sub(host, 4, host.len) : host;
}

static const struct {
    const char *base; // in front of a bare handle
    const char *site; // in front of a handle that is a path; NULL: there are none
} handle_sites[LINK_COUNT] = {
    [LINK_LINKEDIN] = {"https://www.linkedin.com/in/", "https://www.linkedin.com"},
    [LINK_X] = {"https://x.com/", NULL},
    [LINK_INSTAGRAM] = {"https://www.instagram.com/", NULL},
    [LINK_YOUTUBE] = {"https://www.youtube.com/@", "https://www.youtube.com"},
    [LINK_TIKTOK] = {"https://www.tiktok.com/@", NULL},
    [LINK_LUMA] = {"https://luma.com/user/", NULL},
};

static bool is_handle(struct slice handle)
{
    for (size_t i = 0; i < handle.len; i++) {
        unsigned char c = (unsigned char)handle.ptr[i];
        if (c < 0x80 && !is_alphanumeric(handle.ptr[i]) && !(c && strchr("-_.%/@", c)))
            return false;
    }
    return handle.len > 0 && handle.len <= MAX_HANDLE;
}

struct slice link_of_handle(struct arena *arena, enum link link, struct slice handle)
{
    if (handle.len > MAX_RAW)
        return (struct slice){0};
    handle = unicode_clean_line(arena, handle);
    while (handle.len && handle.ptr[handle.len - 1] == '/')
        handle.len--;
    if (after_scheme(handle).ptr)
        return link_http(arena, handle);
    if (!handle_sites[link].base || !is_handle(handle) || slice_equal(handle, SLICE("/in/me")))
        return (struct slice){0};
    bool is_path = handle.ptr[0] == '/';
    if (is_path && !handle_sites[link].site)
        return (struct slice){0};
    if (handle.ptr[0] == '@')
        handle = slice_sub(handle, 1, handle.len);
    return slice_from_cstr(arena_printf(arena, "%s%.*s",
                                        is_path ? handle_sites[link].site : handle_sites[link].base,
                                        SLICE_FMT(handle)));
}

enum link link_kind(struct arena *arena, struct slice url)
{
    static const struct {
        const char *host;
        enum link link;
    } hosts[] = {
        {"linkedin.com", LINK_LINKEDIN}, {"x.com", LINK_X},
        {"twitter.com", LINK_X},         {"instagram.com", LINK_INSTAGRAM},
        {"youtube.com", LINK_YOUTUBE},   {"tiktok.com", LINK_TIKTOK},
        {"luma.com", LINK_LUMA},         {"lu.ma", LINK_LUMA},
    };
    struct slice host = link_host(arena, url);
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct slice name = slice_from_cstr(hosts[i].host);
        if (slice_ends_with(host, name) &&
            (host.len == name.len || host.ptr[host.len - name.len - 1] == '.'))
            return hosts[i].link;
    }
    return LINK_WEBSITE;
}
