#include "lib/match/latin.h"

#include "lib/base/ensure.h"
#include "lib/text/unicode.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { MAX_BYTES = 512, MAX_UNITS = 4 * MAX_BYTES };

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_transliterator(void *transliterator)
{
    utrans_close(transliterator);
}

static void make_key(void)
{
    ensure(pthread_key_create(&key, close_transliterator) == 0);
}

// One a thread: transliterating locks inside ICU, and clones share no state.
static UTransliterator *transliterator_get(void)
{
    pthread_once(&once, make_key);
    UTransliterator *mine = pthread_getspecific(key);
    if (mine)
        return mine;
    static const UChar id[] = u"Any-Latin; Latin-ASCII; Lower";
    UErrorCode status = U_ZERO_ERROR;
    mine = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    ensure(U_SUCCESS(status)); // ICU without its data cannot be worked with
    ensure(pthread_setspecific(key, mine) == 0);
    return mine;
}

static struct slice transliterate(struct arena *arena, struct slice text)
{
    UChar *wide = arena_alloc_array(arena, MAX_UNITS, sizeof(UChar));
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    u_strFromUTF8(wide, MAX_UNITS, &len, text.ptr, (int32_t)text.len, &status);
    ensure(U_SUCCESS(status));
    int32_t limit = len;
    utrans_transUChars(transliterator_get(), wide, &len, MAX_UNITS, 0, &limit, &status);
    if (U_FAILURE(status)) // the result has no room: longer than any name
        return text;
    char *out = arena_alloc(arena, (size_t)len * 3 + 1);
    int32_t used = 0;
    u_strToUTF8(out, len * 3 + 1, &used, wide, len, &status);
    return U_SUCCESS(status) ? (struct slice){out, (size_t)used} : text;
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

static struct slice cut(struct slice text)
{
    if (text.len <= MAX_BYTES)
        return text;
    size_t end = MAX_BYTES;
    while (end > 0 && ((unsigned char)text.ptr[end] & 0xc0) == 0x80)
        end--;
    return slice_sub(text, 0, end);
}

struct slice latin_fold(struct arena *arena, struct slice text)
{
    struct slice folded = cut(unicode_fold(arena, text));
    if (is_ascii(folded))
        return folded;
    return unicode_fold(arena, transliterate(arena, folded));
}

bool latin_is_lossy(struct slice text)
{
    while (text.len) {
        UChar32 c = (UChar32)unicode_next(&text);
        UErrorCode status = U_ZERO_ERROR;
        if (c < 0x250 || !u_isalpha(c))
            continue;
        UScriptCode script = uscript_getScript(c, &status);
        if (script != USCRIPT_LATIN && script != USCRIPT_GREEK && script != USCRIPT_CYRILLIC)
            return true;
    }
    return false;
}
