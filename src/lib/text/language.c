#include "lib/text/language.h"

#include "lib/base/compiler.h"
#include "lib/base/ensure.h"
#include "lib/text/unicode.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

enum {
    MAX_BYTES = 16 * 1024,
    TABLE_SIZE = 2048, // a power of two, more than twice the number of words
    MAX_WORD = 16,     // bytes of the longest one, with room
    MIN_LETTERS = 12,
    MIN_HITS = 3,
};

// ---- languages by their words

// Words that every text has and few names, in lower case. A word of several languages counts for each.
static const struct {
    const char *code, *words;
} languages[] = {
    {"en", "the and to of in is for with you we your this our are on at be will that it from "
           "by join about have what how an or as who their can not more all if but they us "
           "was has do up out which when where there been these those than"},
    {"de", "und der die das ist für mit wir ihr euch sie ein eine einen einem einer den dem "
           "des auf im zu von nicht sich auch bei oder uns wie werden wird sind über zum zur "
           "als aus nach an noch nur haben kann du dein deine dich euer euren unsere unser "
           "unserem was wer wo mehr durch alle gibt am vom bis vor doch schon wenn aber"},
    {"fr", "le la les des une est et pour avec vous nous sur dans que qui au aux du votre "
           "vos notre nos ce cette ces par plus pas ou être sont tout tous à de en un il "
           "elle se ne son sa ses leur leurs comme mais où quel quelle entre chez si très "
           "afin lors ainsi"},
    {"es", "el la los las una es y para con que en por del se al su sus tu tus nuestra "
           "nuestro nuestros más como esta este estos estas un de lo son desde sobre también "
           "donde entre ser hay muy pero si no nos te les qué cómo cuando todo todos todas "
           "sin ya hasta cada"},
    {"pt", "o a os as um uma é e para com que em por do da dos das no na nos nas se ao seu "
           "sua seus suas você vocês mais como este esta são de ou não nosso nossa nossos "
           "sobre também onde entre ser há muito mas já quando todo todos pelo pela até cada "
           "sem está ter foi isso"},
    {"it", "il lo la gli le una è e per con che di in del della dei delle degli al alla nel "
           "nella si un sono non più come questo questa tra anche da su ci vi dal dalla sul "
           "sulla ai agli nostro nostra tuo tua o ma se chi dove quando tutti tutte ogni "
           "essere loro cosa perché"},
    {"nl", "de het een en van voor met je jij we wij is op in aan te dat die dit zijn niet "
           "ook bij of om naar over uit door er maar als jouw jullie onze ons worden wordt "
           "kan deze meer hoe wat wie waar tot nog hebben heeft heb ik geen al alle samen "
           "tijdens"},
    {"pl", "i w na z do się jest nie dla o to że jak od po za co są oraz przez ale lub "
           "będzie które który która jako nas was tym tego może już przy bez ich tylko czy "
           "być dzięki podczas twój twoje nasz nasze możesz wszystkie kiedy gdzie"},
    {"sv", "och att det som en ett är för med på av den till i om vi du ni inte har kan från "
           "vad hur eller din ditt dina vår våra oss er de mer också där när hos alla under "
           "efter blir mellan så men var vill dig här kommer"},
    {"da", "og at det som en et er for med på af den til i om vi du ikke har kan fra hvad "
           "hvordan eller din dit dine vores os jer de mere også hvor når hos alle under "
           "efter bliver mellem så men var vil dig her kommer jeg blev sig"},
    {"nb", "og å det som en et er for med på av den til i om vi du ikke har kan fra hva "
           "hvordan eller din ditt dine vår våre oss dere de mer også hvor når hos alle "
           "under etter blir mellom så men var vil deg her kommer jeg ble seg hvem"},
    {"fi", "ja on että ei se joka sekä kun mitä mutta tai myös ovat hän niin kuin jos sen me "
           "te ole olla voi vain kanssa mukaan tapahtuma meidän sinun jotka tämä nyt kaikki "
           "missä miten oli tule"},
    {"tr", "ve bir bu için ile de da ne en çok olarak olan gibi daha kadar sonra değil mi "
           "biz siz ya her var veya ki o şey ise tüm üzerine birlikte nasıl etkinlik olacak "
           "bize size katıl"},
    {"cs", "a v na je se z do pro s o to že jak od po za co jsou nebo ale by který která "
           "které jako nás vás tím může už při bez jejich i k ve bude není pokud aby také "
           "jsme si být kdy kde více mezi všechny tvůj náš"},
    {"hu", "a az és hogy nem egy is van meg de ha ez mint csak már még el lesz vagy minden "
           "itt ki fel kell le ezt volt azt majd akkor úgy lehet után ahol amely hogyan "
           "között számára esemény"},
    {"ro", "și să în la de cu pe un o este pentru nu din care ce mai sunt sau prin dar ca se "
           "ai au fi va vă te ne noi voi despre acest această toate când unde cum după între "
           "fără până"},
    {"id", "dan yang di untuk dengan ini itu dari pada akan adalah tidak ke dalam kami kita "
           "anda atau juga bisa oleh sebagai lebih saat bagi para apa serta karena bersama "
           "acara telah ada secara antara seperti"},
    {"vi", "và của là cho các với trong những được không một có này để từ đến bạn chúng tôi "
           "người khi về như tại sẽ đã hay nhiều ra cùng sự kiện vào trên nếu"},
    {"ca", "el la els les una és i per amb que en del al de un seva seu més com aquest "
           "aquesta són també on entre ser hi molt però si no ens et què quan tot tots totes "
           "sense ja fins cada nostre nostra dels"},
};

struct entry {
    char word[MAX_WORD];
    uint32_t languages; // bits
};

static struct entry table[TABLE_SIZE];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

// The place of a word: its own, or the empty one where it would be.
static struct entry *entry_of(struct slice word)
{
    uint32_t hash = 2166136261u; // FNV-1a
    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ (unsigned char)word.ptr[i]) * 16777619u;
    for (;; hash++) {
        struct entry *entry = &table[hash & (TABLE_SIZE - 1)];
        if (entry->languages == 0 || slice_equal(slice_from_cstr(entry->word), word))
            return entry;
    }
}

static void fill_table(void)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
        struct slice rest = slice_from_cstr(languages[i].words), word;
        while (slice_split_next(&rest, ' ', &word)) {
            ensure(word.len > 0 && word.len < MAX_WORD);
            struct entry *entry = entry_of(word);
            memcpy(entry->word, word.ptr, word.len);
            entry->languages |= 1u << i;
        }
    }
}

// ---- what a text consists of

enum script {
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_HAN,
    SCRIPT_KANA,
    SCRIPT_HANGUL,
    SCRIPT_OTHER, // and behind it those that one language is written in
    SCRIPT_COUNT = SCRIPT_OTHER + 15,
};

// One language for each, the one most people write in it.
static const struct {
    UScriptCode script;
    const char *code;
} scripts[] = {
    {USCRIPT_ARMENIAN, "hy"}, {USCRIPT_BENGALI, "bn"},   {USCRIPT_DEVANAGARI, "hi"},
    {USCRIPT_GEORGIAN, "ka"}, {USCRIPT_GREEK, "el"},     {USCRIPT_GUJARATI, "gu"},
    {USCRIPT_GURMUKHI, "pa"}, {USCRIPT_HEBREW, "he"},    {USCRIPT_KANNADA, "kn"},
    {USCRIPT_KHMER, "km"},    {USCRIPT_MALAYALAM, "ml"}, {USCRIPT_TAMIL, "ta"},
    {USCRIPT_TELUGU, "te"},   {USCRIPT_THAI, "th"},
};

// Letters that tell languages of one script apart.
static const struct {
    enum script script;
    const char *code, *letters;
} telling[] = {
    {SCRIPT_CYRILLIC, "uk", "іїєґ"}, {SCRIPT_CYRILLIC, "sr", "ђјљњћџ"},
    {SCRIPT_CYRILLIC, "ru", "ыэё"},  {SCRIPT_CYRILLIC, "bg", "ъщ"},
    {SCRIPT_ARABIC, "ur", "ٹڈڑےں"},  {SCRIPT_ARABIC, "fa", "پچژگکی"},
};

struct census {
    size_t letters, by_script[SCRIPT_COUNT], words, tells[ARRAY_LEN(telling)];
    size_t hits[ARRAY_LEN(languages)];
};

static enum script script_of(uint32_t c)
{
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode code = uscript_getScript((UChar32)c, &status);
    switch ((int)code) {
    case USCRIPT_LATIN:
        return SCRIPT_LATIN;
    case USCRIPT_CYRILLIC:
        return SCRIPT_CYRILLIC;
    case USCRIPT_ARABIC:
        return SCRIPT_ARABIC;
    case USCRIPT_HAN:
        return SCRIPT_HAN;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
        return SCRIPT_KANA;
    case USCRIPT_HANGUL:
        return SCRIPT_HANGUL;
    default:
        break;
    }
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (scripts[i].script == code)
            return (enum script)(SCRIPT_OTHER + 1 + i);
    return SCRIPT_OTHER;
}

static void count_letter(struct census *census, uint32_t c, struct slice bytes)
{
    bool is_ascii = c < 0x80;
    enum script script = is_ascii ? SCRIPT_LATIN : script_of(c);
    census->letters++;
    census->by_script[script]++;
    for (size_t i = 0; !is_ascii && i < ARRAY_LEN(telling); i++)
        if (telling[i].script == script &&
            slice_find(slice_from_cstr(telling[i].letters), bytes) != SIZE_MAX)
            census->tells[i]++;
}

static void count_word(struct census *census, struct slice word)
{
    if (word.len == 0)
        return;
    census->words++;
    uint32_t bits = word.len < MAX_WORD ? entry_of(word)->languages : 0;
    for (; bits; bits &= bits - 1)
        census->hits[__builtin_ctz(bits)]++;
}

// Words as they are shown: no addresses, no handles, in lower case.
static void count(struct census *census, struct slice text)
{
    char word[MAX_WORD * 4];
    size_t len = 0;
    while (text.len) {
        struct slice before = text;
        uint32_t c = unicode_next(&text);
        bool is_mark = c >= 0x80 && u_charType((UChar32)c) == U_NON_SPACING_MARK;
        if (u_isalpha((UChar32)c)) {
            c = (uint32_t)u_tolower((UChar32)c);
            char bytes[4];
            size_t size = unicode_encode(c, bytes);
            count_letter(census, c, (struct slice){bytes, size});
            if (len + size <= sizeof word)
                memcpy(word + len, bytes, size);
            len += len + size <= sizeof word ? size : 0;
        } else if (!is_mark) {
            count_word(census, (struct slice){word, len});
            len = 0;
        }
        ensure(text.len < before.len);
    }
    count_word(census, (struct slice){word, len});
}

// ---- the verdict

static const char *by_words(const struct census *census, double *ret_confidence)
{
    size_t best = 0, second = 0;
    for (size_t i = 1; i < ARRAY_LEN(languages); i++)
        if (census->hits[i] > census->hits[best])
            best = i;
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (i != best && census->hits[i] > second)
            second = census->hits[i];
    size_t hits = census->hits[best];
    // A tenth of the words of a text are such words; in prose it is a third.
    if (hits < MIN_HITS || hits * 10 < census->words || hits == second)
        return NULL;
    double margin = (double)(hits - second) / (double)hits;
    *ret_confidence = margin > 0.5 && hits >= 10 ? 0.95 : margin > 0.25 && hits >= 5 ? 0.85 : 0.6;
    return languages[best].code;
}

static const char *by_letters(const struct census *census, enum script script)
{
    const char *code = script == SCRIPT_CYRILLIC ? "ru" : "ar";
    size_t most = 0;
    for (size_t i = 0; i < ARRAY_LEN(telling); i++)
        if (telling[i].script == script && census->tells[i] > most) {
            most = census->tells[i];
            code = telling[i].code;
        }
    return code;
}

const char *language_detect(struct arena *arena, struct slice text, double *ret_confidence)
{
    struct census census = {0};
    enum script most = SCRIPT_LATIN;
    pthread_once(&table_once, fill_table);
    // Composed, so that letters with accents are one.
    count(&census, unicode_clean_line(arena, slice_sub(text, 0, MAX_BYTES)));
    for (enum script script = SCRIPT_LATIN; script < SCRIPT_COUNT; script++)
        if (census.by_script[script] > census.by_script[most])
            most = script;
    // Names and links in Latin letters stand in texts of every language.
    size_t asian = census.by_script[SCRIPT_HAN] + census.by_script[SCRIPT_KANA];
    *ret_confidence = 0.9;
    if (asian * 3 > census.letters && asian >= MIN_LETTERS)
        return census.by_script[SCRIPT_KANA] * 10 > asian ? "ja" : "zh";
    if (census.letters < MIN_LETTERS)
        return NULL;
    if (census.by_script[SCRIPT_HANGUL] * 3 > census.letters)
        return "ko";
    if (most == SCRIPT_CYRILLIC || most == SCRIPT_ARABIC)
        return by_letters(&census, most);
    if (most > SCRIPT_OTHER)
        return scripts[most - SCRIPT_OTHER - 1].code;
    return most == SCRIPT_LATIN ? by_words(&census, ret_confidence) : NULL;
}
