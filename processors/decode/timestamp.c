/* timestamp.c: timestamp: a time out of a field, by layouts that are tried one after the other. */
#include "layout.h"
#include "lib/edit.h"
#include "zone.h"

#include <string.h>

struct timestamp {
    struct base base;
    struct path field;
    struct path target;
    struct layout *layouts;
    size_t count;
    int offset_s;            /* where zone is NULL */
    const struct zone *zone; /* NULL: one offset all the time */
};

/* UTC, +hh:mm, -hhmm, +hh, or a zone by its name. */
static int timezone_open(struct timestamp *p, struct cxd_bytes name, struct cxd_error *err)
{
    static const char *const forms[] = {"-07:00", "-0700", "-07"};
    struct moment_parts year0 = {.year = 0, .month = 1, .day = 1};
    struct layout layout;
    struct moment moment;
    struct moment start;
    bool is_local;

    if (name.len == 0 || strcmp(name.ptr, "UTC") == 0) {
        return CXD_OK;
    }
    for (size_t i = 0; i < 3; i++) {
        if (layout_read((struct cxd_bytes){forms[i], strlen(forms[i])}, &layout) &&
            layout_parse(&layout, name, &moment, &is_local)) {
            (void)moment_make(&year0, 0, &start); /* a day that there is */
            p->offset_s = (int)(start.seconds - moment.seconds);
            return CXD_OK;
        }
    }
    return zone_read(&p->base, name, &p->zone, err);
}

static bool text_read(const struct timestamp *p, struct cxd_bytes text, struct moment *ret_moment)
{
    for (size_t i = 0; i < p->count; i++) {
        bool is_local;
        if (layout_parse(&p->layouts[i], text, ret_moment, &is_local)) {
            int offset_s =
                p->zone != NULL ? zone_offset_local(p->zone, ret_moment->seconds) : p->offset_s;
            ret_moment->seconds -= is_local ? offset_s : 0;
            return true;
        }
    }
    return false;
}

static int tests_run(struct timestamp *p, struct cxd_bytes options, struct cxd_error *err)
{
    struct cxd_bytes *tests = NULL;
    size_t count = 0;
    struct moment moment;
    int r = base_texts(&p->base, options, "test", &tests, &count, err);

    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        if (!text_read(p, tests[i], &moment)) {
            r = cxd_error_set(err, CXD_CONFIG, "test \"%.100s\" fits none of the layouts",
                              tests[i].ptr);
        }
    }
    return r;
}

static int timestamp_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct timestamp *p = (struct timestamp *)b;
    struct cxd_bytes *texts = NULL;
    int r = path_option(b, options, "field", &p->field, err);

    r = r != CXD_OK ? r : path_option(b, options, "target_field", &p->target, err);
    r = r != CXD_OK ? r : base_texts(b, options, "layouts", &texts, &p->count, err);
    r = r != CXD_OK ? r : timezone_open(p, base_text(b, options, "timezone"), err);
    if (r != CXD_OK) {
        return r;
    }
    p->layouts = base_alloc(b, p->count * sizeof *p->layouts);
    if (p->layouts == NULL) {
        return base_lack(err);
    }
    for (size_t i = 0; i < p->count; i++) {
        if (!layout_read(texts[i], &p->layouts[i])) {
            return cxd_error_set(err, CXD_CONFIG, "layout \"%.100s\": empty, or too many parts",
                                 texts[i].ptr);
        }
    }
    return tests_run(p, options, err);
}

static int timestamp_run(struct edit *e)
{
    struct timestamp *p = (struct timestamp *)e->base;
    char printed[MOMENT_TEXT_MAX];
    struct edit_spot spot;
    struct cxd_bytes text;
    struct moment moment;
    size_t len;
    int r = edit_find(e, &p->field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->field);
    }
    r = edit_print(e, &p->field, &spot.node->value, &text);
    if (r != CXD_OK) {
        return r;
    }
    len = text_read(p, text, &moment) ? moment_print(&moment, printed) : 0;
    if (len == 0) {
        return edit_fail(e, "field %.200s fits none of the layouts", p->field.name.ptr);
    }
    text = edit_keep(e, (struct cxd_bytes){printed, len});
    return text.ptr != NULL ? edit_put_value(e, &p->target, edit_text_value(text)) : edit_lack(e);
}

static const struct cxd_option timestamp_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Text or number that says the time."},
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .default_value = "@timestamp",
     .help = "Where the time goes, in UTC with milliseconds."},
    {.name = "layouts",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "How it may be written: 2006-01-02T15:04:05Z07:00 and the like, UNIX, UNIX_MS."},
    {.name = "timezone",
     .type = CXD_OPTION_STRING,
     .default_value = "UTC",
     .help =
         "For times that name no zone: UTC, Local, a name as Europe/Berlin, an offset as +01:00."},
    {.name = "test",
     .type = CXD_OPTION_STRING_LIST,
     .help = "Times that must be understood when the agent starts."},
    OPTION_ID,
    OPTION_IGNORE_MISSING,
    OPTION_IGNORE_FAILURE,
    {.name = NULL},
};

BASE_MODULE(timestamp, NULL, "reads a time out of a field", NULL)
