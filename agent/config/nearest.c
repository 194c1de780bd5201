/* nearest.c: edit distance over short names. */
#include "config/nearest.h"

#include <string.h>

#define NAME_MAX_LEN 64

static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN) {
        return NAME_MAX_LEN;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b_len];
}

const char *option_nearest(const struct cxd_option *table, const char *word)
{
    const char *best_name = NULL;
    size_t best = 4;

    for (; table->name != NULL; table++) {
        size_t d = distance(table->name, word);
        if (d < best) {
            best = d;
            best_name = table->name;
        }
    }
    return best_name;
}
