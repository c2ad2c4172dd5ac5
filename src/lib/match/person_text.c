// What a person's record says beside names: the words of texts, and the address of letters.
#include "lib/match/person.h"

#include "lib/text/name_words.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

enum { MIN_WORD_BYTES = 3 };

void person_read_text(struct arena *arena, struct slice text, struct person_text *ret)
{
    struct slice folded = name_normalize(arena, slice_sub(text, 0, MATCH_MAX_TEXT)), word;
    size_t count = 0;
    *ret = (struct person_text){.text = text};
    while (count < PERSON_MAX_WORDS && name_next_word(&folded, &word))
        if (word.len >= MIN_WORD_BYTES)
            ret->words[count++] = word;
    ret->count = slice_sort_unique(ret->words, count);
}

// Hosts that give everybody an address.
static const char *const mail_hosts[] = {
    "163.com",     "aol.com",        "gmail.com", "gmx.de",  "googlemail.com", "hey.com",
    "hotmail.com", "icloud.com",     "live.com",  "mail.ru", "outlook.com",    "pm.me",
    "proton.me",   "protonmail.com", "qq.com",    "web.de",  "yahoo.com",      "yandex.ru",
};

void person_read_email(struct arena *arena, struct match_person_form *form, struct slice email)
{
    struct slice folded = unicode_fold(arena, slice_trim(email));
    size_t at = slice_find_char(folded, '@');
    if (at == SIZE_MAX || at == 0 || at + 1 >= folded.len)
        return;
    form->email = folded;
    struct slice host = slice_sub(folded, at + 1, folded.len);
    for (size_t i = 0; i < ARRAY_LEN(mail_hosts); i++)
        if (slice_equal(host, slice_from_cstr(mail_hosts[i])))
            return;
    form->email_domain = link_host_domain(host);
}
