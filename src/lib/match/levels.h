// What can be seen when two records are compared: fields, and the level at which each agrees. The names
// are those of data/match_model.tsv, which holds the weight of each; a test sees that all have one.
#pragma once

// X(id, kind, field, level)
#define MATCH_LEVELS(X)                                                         \
    /* people: the parts of the name */                                         \
    X(FAMILY_SAME_RARE, SPEAKERS, "family_name", "same_rare")                   \
    X(FAMILY_SAME, SPEAKERS, "family_name", "same")                             \
    X(FAMILY_SAME_FREQUENT, SPEAKERS, "family_name", "same_frequent")           \
    X(FAMILY_SPELLING, SPEAKERS, "family_name", "spelling")                     \
    X(FAMILY_PART, SPEAKERS, "family_name", "part")                             \
    X(FAMILY_TYPO, SPEAKERS, "family_name", "typo")                             \
    X(FAMILY_NEAR, SPEAKERS, "family_name", "near")                             \
    X(FAMILY_INITIAL, SPEAKERS, "family_name", "initial")                       \
    X(FAMILY_SYLLABLES, SPEAKERS, "family_name", "other_syllables")             \
    X(FAMILY_OTHER, SPEAKERS, "family_name", "different")                       \
    X(FAMILY_MISSING, SPEAKERS, "family_name", "missing")                       \
    X(GIVEN_SAME_RARE, SPEAKERS, "given_name", "same_rare")                     \
    X(GIVEN_SAME, SPEAKERS, "given_name", "same")                               \
    X(GIVEN_SAME_FREQUENT, SPEAKERS, "given_name", "same_frequent")             \
    X(GIVEN_SAME_INITIAL, SPEAKERS, "given_name", "same_initial")               \
    X(GIVEN_SPELLING, SPEAKERS, "given_name", "spelling")                       \
    X(GIVEN_NICKNAME, SPEAKERS, "given_name", "nickname")                       \
    X(GIVEN_SHORT, SPEAKERS, "given_name", "short_form")                        \
    X(GIVEN_INITIAL_RARE, SPEAKERS, "given_name", "initial_rare_family")        \
    X(GIVEN_INITIAL, SPEAKERS, "given_name", "initial")                         \
    X(GIVEN_TYPO, SPEAKERS, "given_name", "typo")                               \
    X(GIVEN_TYPO_KNOWN, SPEAKERS, "given_name", "typo_or_other_name")           \
    X(GIVEN_NEAR, SPEAKERS, "given_name", "near")                               \
    X(GIVEN_SYLLABLES, SPEAKERS, "given_name", "other_syllables")               \
    X(GIVEN_OTHER, SPEAKERS, "given_name", "different")                         \
    X(GIVEN_MISSING, SPEAKERS, "given_name", "missing")                         \
    X(MIDDLE_SAME, SPEAKERS, "middle_names", "same")                            \
    X(MIDDLE_FITS, SPEAKERS, "middle_names", "initial_fits")                    \
    X(MIDDLE_NONE, SPEAKERS, "middle_names", "none")                            \
    X(MIDDLE_ONE_INITIAL, SPEAKERS, "middle_names", "one_has_initial")          \
    X(MIDDLE_ONE_NAME, SPEAKERS, "middle_names", "one_has_name")                \
    X(MIDDLE_CONTRADICTS, SPEAKERS, "middle_names", "contradict")               \
    X(ORDER_KEPT, SPEAKERS, "name_order", "kept")                               \
    X(ORDER_SWAPPED, SPEAKERS, "name_order", "swapped")                         \
    X(ORDER_FIRST_LEFT_OUT, SPEAKERS, "name_order", "first_left_out")           \
    X(WRITING_WHOLE, SPEAKERS, "writing", "same_letters")                       \
    X(WRITING_PARTS, SPEAKERS, "writing", "by_parts")                           \
    X(WRITING_SEVERAL, SPEAKERS, "writing", "several_people")                   \
    X(WRITING_SCRIPTS, SPEAKERS, "writing", "other_script")                     \
    /* people: what is known beside the name */                                 \
    X(PERSON_COMPANY_SAME, SPEAKERS, "company", "same")                         \
    X(PERSON_COMPANY_ALIKE, SPEAKERS, "company", "alike")                       \
    X(PERSON_COMPANY_OTHER, SPEAKERS, "company", "different")                   \
    X(PERSON_COMPANY_MISSING, SPEAKERS, "company", "missing")                   \
    X(PERSON_TITLE_SAME, SPEAKERS, "title", "same")                             \
    X(PERSON_TITLE_OTHER, SPEAKERS, "title", "different")                       \
    X(PERSON_BIO_SAME, SPEAKERS, "bio", "same")                                 \
    X(PERSON_BIO_ALIKE, SPEAKERS, "bio", "alike")                               \
    X(PERSON_BIO_OTHER, SPEAKERS, "bio", "different")                           \
    X(PERSON_LINKEDIN_SAME, SPEAKERS, "linkedin", "same")                       \
    X(PERSON_LINKEDIN_OTHER, SPEAKERS, "linkedin", "different")                 \
    X(PERSON_TWITTER_SAME, SPEAKERS, "x", "same")                               \
    X(PERSON_TWITTER_OTHER, SPEAKERS, "x", "different")                         \
    X(PERSON_GITHUB_SAME, SPEAKERS, "github", "same")                           \
    X(PERSON_GITHUB_OTHER, SPEAKERS, "github", "different")                     \
    X(PERSON_PROFILE_SAME, SPEAKERS, "profile", "same")                         \
    X(PERSON_WEBSITE_SAME, SPEAKERS, "website", "same")                         \
    X(PERSON_WEBSITE_OTHER, SPEAKERS, "website", "different")                   \
    X(PERSON_EMAIL_SAME, SPEAKERS, "email", "same")                             \
    X(PERSON_EMAIL_DOMAIN, SPEAKERS, "email", "same_domain")                    \
    X(PERSON_EMAIL_OTHER, SPEAKERS, "email", "different")                       \
    /* people: what only a catalogue knows */                                   \
    X(PERSON_NAMESAKES, SPEAKERS, "catalogue", "namesakes")                     \
    X(PERSON_NAME_LIMIT, SPEAKERS, "catalogue", "name_is_not_enough")           \
    X(PERSON_LISTED_TOGETHER, SPEAKERS, "events", "listed_together")            \
    /* companies */                                                             \
    X(COMPANY_SAME, COMPANIES, "name", "same")                                  \
    X(COMPANY_SAME_FORM, COMPANIES, "name", "same_but_legal_form")              \
    X(COMPANY_LETTERS, COMPANIES, "name", "same_letters")                       \
    X(COMPANY_ALIAS, COMPANIES, "name", "alias_in_brackets")                    \
    X(COMPANY_ACRONYM, COMPANIES, "name", "acronym")                            \
    X(COMPANY_KNOWN, COMPANIES, "name", "known_other_name")                     \
    X(COMPANY_ABBREVIATED, COMPANIES, "name", "abbreviated")                    \
    X(COMPANY_GENERAL, COMPANIES, "name", "general_word_more")                  \
    X(COMPANY_GENERAL_WORD, COMPANIES, "name", "general_word_more_than_a_word") \
    X(COMPANY_PLACE, COMPANIES, "name", "place_more")                           \
    X(COMPANY_UNIT, COMPANIES, "name", "part_or_product")                       \
    X(COMPANY_WORD_MORE, COMPANIES, "name", "word_more")                        \
    X(COMPANY_BEGINNING, COMPANIES, "name", "beginning")                        \
    X(COMPANY_TYPO, COMPANIES, "name", "typo")                                  \
    X(COMPANY_NEAR, COMPANIES, "name", "near")                                  \
    X(COMPANY_SOUND, COMPANIES, "name", "alike_in_other_script")                \
    X(COMPANY_SCRIPTS, COMPANIES, "name", "other_script")                       \
    X(COMPANY_SHARED, COMPANIES, "name", "shared_words")                        \
    X(COMPANY_OTHER, COMPANIES, "name", "different")                            \
    X(COMPANY_PLACEHOLDER, COMPANIES, "name", "placeholder")                    \
    X(COMPANY_WRITTEN_DOMAIN, COMPANIES, "written_as", "domain")                \
    X(COMPANY_WRITTEN_NAME, COMPANIES, "written_as", "name")                    \
    X(COMPANY_SHORT, COMPANIES, "length", "short")                              \
    X(COMPANY_LONG, COMPANIES, "length", "long")                                \
    X(COMPANY_DOMAIN_SAME, COMPANIES, "domain", "same")                         \
    X(COMPANY_DOMAIN_OTHER, COMPANIES, "domain", "different")                   \
    X(COMPANY_LINKEDIN_SAME, COMPANIES, "linkedin", "same")                     \
    X(COMPANY_LINKEDIN_OTHER, COMPANIES, "linkedin", "different")               \
    X(COMPANY_TWITTER_SAME, COMPANIES, "x", "same")                             \
    X(COMPANY_TWITTER_OTHER, COMPANIES, "x", "different")                       \
    X(COMPANY_GITHUB_SAME, COMPANIES, "github", "same")                         \
    X(COMPANY_GITHUB_OTHER, COMPANIES, "github", "different")                   \
    /* events */                                                                \
    X(EVENT_TITLE_SAME, EVENTS, "title", "same")                                \
    X(EVENT_TITLE_LETTERS, EVENTS, "title", "same_but_year")                    \
    X(EVENT_TITLE_PART, EVENTS, "title", "part")                                \
    X(EVENT_TITLE_ALIKE, EVENTS, "title", "alike")                              \
    X(EVENT_TITLE_CROSSED, EVENTS, "title", "each_names_other")                 \
    X(EVENT_TITLE_GENERAL, EVENTS, "title", "general_words")                    \
    X(EVENT_TITLE_OCCASION, EVENTS, "title", "other_occasion")                  \
    X(EVENT_TITLE_OTHER, EVENTS, "title", "different")                          \
    X(EVENT_EDITION_OTHER, EVENTS, "edition", "different")                      \
    X(EVENT_EDITION_SAME, EVENTS, "edition", "same")                            \
    X(EVENT_TIME_SAME, EVENTS, "time", "same")                                  \
    X(EVENT_TIME_DAY, EVENTS, "time", "same_day")                               \
    X(EVENT_TIME_NEXT_DAY, EVENTS, "time", "next_day")                          \
    X(EVENT_TIME_HOURS, EVENTS, "time", "other_hours")                          \
    X(EVENT_TIME_OVERLAP, EVENTS, "time", "overlap")                            \
    X(EVENT_TIME_OTHER, EVENTS, "time", "different")                            \
    X(EVENT_TIME_MISSING, EVENTS, "time", "missing")                            \
    X(EVENT_PLACE_SAME, EVENTS, "place", "same")                                \
    X(EVENT_PLACE_ONLINE, EVENTS, "place", "one_is_online")                     \
    X(EVENT_PLACE_OTHER, EVENTS, "place", "different")                          \
    X(EVENT_PLACE_MISSING, EVENTS, "place", "missing")                          \
    X(EVENT_VENUE_SAME, EVENTS, "venue", "same")                                \
    X(EVENT_VENUE_OTHER, EVENTS, "venue", "different")                          \
    X(EVENT_URL_SAME, EVENTS, "url", "same")                                    \
    X(EVENT_URL_HOST, EVENTS, "url", "same_host")                               \
    X(EVENT_URL_LINKED, EVENTS, "url", "linked")                                \
    X(EVENT_URL_SITE, EVENTS, "url", "other_page_of_one_site")                  \
    X(EVENT_URL_OTHER, EVENTS, "url", "different")                              \
    X(EVENT_URL_MISSING, EVENTS, "url", "missing")                              \
    X(EVENT_LUMA_SAME, EVENTS, "luma_id", "same")                               \
    X(EVENT_LUMA_OTHER, EVENTS, "luma_id", "different")                         \
    X(EVENT_ORGANISER_SAME, EVENTS, "organiser", "same")                        \
    X(EVENT_ORGANISER_OTHER, EVENTS, "organiser", "different")

enum match_level {
#define X(id, kind, field, level) MATCH_##id,
    MATCH_LEVELS(X)
#undef X
        MATCH_LEVEL_COUNT
};
