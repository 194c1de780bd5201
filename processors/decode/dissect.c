/* dissect.c: dissect: a text cut by a pattern into fields. */
#include "lib/cast.h"
#include "pattern.h"

#include <string.h>

#define NAME_MAX_LEN 4096

enum trim { TRIM_NONE, TRIM_LEFT, TRIM_RIGHT, TRIM_ALL };

struct dissect {
    struct base base;
    struct pattern pattern;
    struct path field;
    struct path flags;
    struct cxd_bytes prefix; /* "dissect.", as in JSON */
    struct path *targets;    /* of each key that is a field */
    enum cast_type *types;   /* of each key */
    uint32_t *slots;         /* of each key: the first of the same name and kind */
    int trim;
    struct cxd_bytes trim_chars;
};

static int target_open(struct dissect *p, struct cxd_bytes prefix, uint32_t i,
                       struct cxd_error *err)
{
    const struct pattern_key *key = &p->pattern.keys[i];
    char name[NAME_MAX_LEN];
    int len = snprintf(name, sizeof name, "%s%s%.*s", prefix.len > 0 ? prefix.ptr : "",
                       prefix.len > 0 ? "." : "", (int)key->name.len, key->name.ptr);

    if (key->type.len > 0) {
        p->types[i] = cast_find(key->type);
        if (p->types[i] == CAST_NONE) {
            return cxd_error_set(err, CXD_CONFIG, "tokenizer: \"%.*s\" is no type",
                                 (int)(key->type.len < 40 ? key->type.len : 40), key->type.ptr);
        }
    }
    if (key->use != PATTERN_FIELD && key->use != PATTERN_APPEND) {
        return CXD_OK;
    }
    if (len < 0 || (size_t)len >= sizeof name) {
        return cxd_error_set(err, CXD_CONFIG, "tokenizer: a key is too long");
    }
    return path_read(&p->base, (struct cxd_bytes){name, (size_t)len}, &p->targets[i], err);
}

static void slot_open(struct dissect *p, uint32_t i)
{
    const struct pattern_key *keys = p->pattern.keys;
    uint32_t slot = 0;

    while (slot < i && (keys[slot].use == PATTERN_INDIRECT || keys[slot].use == PATTERN_NAMED ||
                        keys[i].use == PATTERN_INDIRECT || keys[i].use == PATTERN_NAMED ||
                        keys[slot].name.len != keys[i].name.len ||
                        memcmp(keys[slot].name.ptr, keys[i].name.ptr, keys[i].name.len) != 0)) {
        slot++;
    }
    p->slots[i] = slot;
}

static int pattern_open(struct dissect *p, struct cxd_bytes options, struct cxd_error *err)
{
    struct base *b = &p->base;
    struct cxd_bytes tokenizer = base_text(b, options, "tokenizer");
    struct cxd_bytes prefix = base_text(b, options, "target_prefix");
    const char *copy = base_copy(b, tokenizer);
    const char *why = NULL;
    int r = CXD_OK;

    if (copy == NULL) {
        return base_lack(err);
    }
    why = pattern_read((struct cxd_bytes){copy, tokenizer.len}, &p->pattern);
    if (why != NULL) {
        return cxd_error_set(err, CXD_CONFIG, "tokenizer: %s", why);
    }
    p->targets = base_alloc(b, p->pattern.count * sizeof *p->targets);
    p->types = base_alloc(b, p->pattern.count * sizeof *p->types);
    p->slots = base_alloc(b, p->pattern.count * sizeof *p->slots);
    p->prefix = path_quote(b, prefix);
    if (p->targets == NULL || p->types == NULL || p->slots == NULL || p->prefix.ptr == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < p->pattern.count && r == CXD_OK; i++) {
        slot_open(p, i);
        r = target_open(p, prefix, i, err);
    }
    return r;
}

static int dissect_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const trims[] = {"none", "left", "right", "all", NULL};
    struct dissect *p = (struct dissect *)b;
    struct cxd_bytes chars = base_text(b, options, "trim_chars");
    int r = path_option(b, options, "field", &p->field, err);

    r = r != CXD_OK ? r : path_read(b, CXD_LIT("log.flags"), &p->flags, err);
    r = r != CXD_OK ? r : pattern_open(p, options, err);
    if (r != CXD_OK) {
        return r;
    }
    p->trim = base_word(b, options, "trim_values", trims, err);
    p->trim_chars = (struct cxd_bytes){base_copy(b, chars), chars.len};
    if (p->trim < 0) {
        return CXD_CONFIG;
    }
    return p->trim_chars.ptr != NULL ? CXD_OK : base_lack(err);
}

/* Characters of UTF-8, each as long as it is. */
static size_t letter_len(struct cxd_bytes text, size_t at)
{
    size_t len = 1;

    while (at + len < text.len && ((unsigned char)text.ptr[at + len] & 0xc0) == 0x80) {
        len++;
    }
    return len;
}

static bool is_trimmed(const struct dissect *p, struct cxd_bytes letter)
{
    return letter.len > 0 && memmem(p->trim_chars.ptr, p->trim_chars.len, letter.ptr, letter.len);
}

static struct cxd_bytes value_trim(const struct dissect *p, struct cxd_bytes text)
{
    while ((p->trim & TRIM_LEFT) && text.len > 0) {
        size_t len = letter_len(text, 0);
        if (!is_trimmed(p, (struct cxd_bytes){text.ptr, len})) {
            break;
        }
        text = (struct cxd_bytes){text.ptr + len, text.len - len};
    }
    while ((p->trim & TRIM_RIGHT) && text.len > 0) {
        size_t at = text.len - 1;
        while (at > 0 && ((unsigned char)text.ptr[at] & 0xc0) == 0x80) {
            at--;
        }
        if (!is_trimmed(p, (struct cxd_bytes){text.ptr + at, text.len - at})) {
            break;
        }
        text.len = at;
    }
    return text;
}

/* What became of the keys of one name: a later one replaces or joins it. */
struct result {
    const struct path *path; /* NULL: nothing */
    enum cast_type type;
    struct edit_out out;
};

struct work {
    struct edit *e;
    struct dissect *p;
    struct cxd_bytes values[PATTERN_KEYS_MAX];
    struct result results[PATTERN_KEYS_MAX]; /* by slot */
};

static void result_set(struct work *w, uint32_t i, const struct path *path)
{
    w->results[w->p->slots[i]] = (struct result){
        .path = path,
        .type = w->p->types[i],
        .out = {.ptr = (char *)(uintptr_t)w->values[i].ptr, .len = w->values[i].len}};
}

static int append_do(struct work *w, uint32_t i)
{
    const struct pattern_key *key = &w->p->pattern.keys[i];
    struct result *result = &w->results[w->p->slots[i]];
    struct edit_out joined = {0};
    int r;

    if (result->path == NULL) {
        result_set(w, i, &w->p->targets[i]);
        return CXD_OK;
    }
    r = edit_out_add(w->e, &joined, (struct cxd_bytes){result->out.ptr, result->out.len});
    r = r != CXD_OK ? r
                    : edit_out_add(w->e, &joined, key->before.len > 0 ? key->before : CXD_LIT(" "));
    r = r != CXD_OK ? r : edit_out_add(w->e, &joined, w->values[i]);
    result->out = joined;
    result->type = w->p->types[i];
    return r;
}

/* A field that is named by what another key saw. */
static int indirect_do(struct work *w, uint32_t i)
{
    const struct pattern *pattern = &w->p->pattern;
    struct cxd_bytes name = {NULL, 0};
    struct edit_out out = {0};
    struct path *path = edit_alloc(w->e, sizeof *path);
    char *quoted;
    size_t room;
    int r;

    for (uint32_t j = 0; j < pattern->count; j++) {
        const struct pattern_key *key = &pattern->keys[j];
        if (key->use == PATTERN_NAMED && key->name.len == pattern->keys[i].name.len &&
            memcmp(key->name.ptr, pattern->keys[i].name.ptr, key->name.len) == 0) {
            name = w->values[j];
        }
    }
    room = 6 * name.len + 2;
    quoted = edit_alloc(w->e, room);
    if (path == NULL || quoted == NULL) {
        return edit_lack(w->e);
    }
    room = w->e->host->json_quote(name, quoted, room);
    r = edit_out_add(w->e, &out, w->p->prefix);
    if (r == CXD_OK && w->p->prefix.len > 0) {
        r = edit_out_add(w->e, &out, CXD_LIT("."));
    }
    r = r != CXD_OK ? r : edit_out_add(w->e, &out, (struct cxd_bytes){quoted + 1, room - 2});
    r = r != CXD_OK ? r : edit_path(w->e, (struct cxd_bytes){out.ptr, out.len}, path);
    if (r == CXD_OK) {
        result_set(w, i, path);
    }
    return r;
}

static int key_do(struct work *w, uint32_t i)
{
    switch (w->p->pattern.keys[i].use) {
    case PATTERN_FIELD:
        result_set(w, i, &w->p->targets[i]);
        return CXD_OK;
    case PATTERN_APPEND:
        return append_do(w, i);
    case PATTERN_INDIRECT:
        return indirect_do(w, i);
    default:
        return CXD_OK;
    }
}

static int result_put(struct work *w, const struct result *result)
{
    struct cxd_bytes text = {result->out.ptr, result->out.len};
    struct cxd_value value = edit_text_value(text);
    struct cxd_value typed;
    struct edit_spot there;
    int r = w->p->base.overwrites ? 0 : edit_find(w->e, result->path, &there);

    if (r == 1) {
        return edit_fail(w->e, "field %.200s is there already", result->path->name.ptr);
    }
    if (r == 0 && result->type != CAST_NONE) {
        r = cast_value(w->e, result->type, &value, &typed);
        value = r == CXD_OK ? typed : value; /* what does not fit stays a text */
        r = r == EDIT_FAILED ? CXD_OK : r;
    }
    return r != CXD_OK ? r : edit_put_value(w->e, result->path, value);
}

static int values_put(struct work *w)
{
    const struct pattern *pattern = &w->p->pattern;
    int r = CXD_OK;

    for (uint32_t i = 0; i < pattern->count; i++) {
        w->results[i].path = NULL;
    }
    for (uint32_t i = 0; i < pattern->count && r == CXD_OK; i++) {
        r = key_do(w, pattern->order[i]);
    }
    for (uint32_t i = 0; i < pattern->count && r == CXD_OK; i++) {
        r = w->results[i].path != NULL ? result_put(w, &w->results[i]) : CXD_OK;
    }
    return r;
}

static int flag_put(struct edit *e, struct dissect *p)
{
    static const struct cxd_value flag = {
        .ptr = "dissect_parsing_error", .len = 21, .kind = CXD_KIND_STRING};
    int r = edit_tag(e, &p->flags, &flag, 1);

    e->host->count(e->base->self, "processor_failures_total", 1);
    return r == EDIT_FAILED ? CXD_KEEP : r;
}

static int dissect_run(struct edit *e)
{
    struct dissect *p = (struct dissect *)e->base;
    struct work work; /* not cleared: it is long, and only what the pattern has is looked at */
    struct edit_spot spot;
    struct cxd_bytes text;
    int r = edit_find(e, &p->field, &spot);

    work.e = e;
    work.p = p;
    e->is_undoable = true; /* all fields or none, also where failures are ignored */
    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->field);
    }
    r = edit_text(e, &p->field, &spot.node->value, &text);
    if (r != CXD_OK) {
        return r;
    }
    if (!pattern_match(&p->pattern, text, work.values)) {
        return flag_put(e, p);
    }
    for (uint32_t i = 0; p->trim != TRIM_NONE && i < p->pattern.count; i++) {
        work.values[i] = value_trim(p, work.values[i]);
    }
    r = values_put(&work);
    if (r == EDIT_FAILED) {
        edit_rewind(e);
    }
    return r;
}

static const struct cxd_option dissect_options[] = {
    {.name = "tokenizer",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "The pattern: text with keys in it, %{key}."},
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .default_value = "message",
     .help = "Text to cut."},
    {.name = "target_prefix",
     .type = CXD_OPTION_STRING,
     .default_value = "dissect",
     .help = "Object that the keys are put into; \"\": the document."},
    {.name = "trim_values",
     .type = CXD_OPTION_STRING,
     .default_value = "none",
     .help = "none, left, right or all: where trim_chars are cut off."},
    {.name = "trim_chars",
     .type = CXD_OPTION_STRING,
     .default_value = " ",
     .help = "Characters that trim_values cuts off."},
    OPTION_OVERWRITE_KEYS,
    OPTION_IGNORE_FAILURE,
    {.name = NULL},
};

BASE_MODULE(dissect, NULL, "cuts a text into fields by a pattern", NULL)
