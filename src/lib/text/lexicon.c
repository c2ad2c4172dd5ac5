#include "lib/text/lexicon.h"

unsigned lexicon_look_up(struct slice folded_word)
{
    unsigned low = 0, high = lexicon_count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const unsigned char *row = lexicon_text + lexicon_offsets[middle];
        struct slice word = {(const char *)row + 1,
                             lexicon_offsets[middle + 1] - lexicon_offsets[middle] - 1};
        int order = slice_compare(word, folded_word);
        if (order == 0)
            return row[0];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}
