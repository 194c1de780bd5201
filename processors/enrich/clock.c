/* clock.c: now, add_locale: the time, and the zone that this machine lives in. */
#include "lib/edit.h"
#include "lib/moment.h"

#include <string.h>
#include <time.h>

struct now {
    struct base base;
    struct path field;
};

static int now_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct now *p = (struct now *)b;

    return path_option(b, options, "field", &p->field, err);
}

static int now_run(struct edit *e)
{
    struct now *p = (struct now *)e->base;
    int64_t ms = e->host->wall_ms(p->base.self);
    struct moment moment = {.seconds = ms / 1000, .nanos = ms % 1000 * 1000000};
    char printed[MOMENT_TEXT_MAX];
    struct cxd_bytes text = {printed, moment_print(&moment, printed)};

    text = edit_keep(e, text);
    return text.ptr != NULL ? edit_put_value(e, &p->field, edit_text_value(text)) : edit_lack(e);
}

static const struct cxd_option now_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Where the time goes, in UTC with milliseconds."},
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(now, NULL, "puts the time of the processing into a field", NULL)

/* --- add_locale --------------------------------------------------------------------------------------- */

#define ZONE_MAX 16
#define MINUTE_MS 60000

struct add_locale {
    struct base base;
    struct path target;
    bool is_abbreviation;
    int64_t minute; /* for which text is right; zones change on whole minutes */
    char text[ZONE_MAX];
};

static int add_locale_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const formats[] = {"offset", "abbreviation", NULL};
    struct add_locale *p = (struct add_locale *)b;
    int format = base_word(b, options, "format", formats, err);

    p->is_abbreviation = format == 1;
    p->minute = INT64_MIN;
    return format < 0 ? CXD_CONFIG : path_read(b, CXD_LIT("event.timezone"), &p->target, err);
}

static void zone_print(struct add_locale *p, time_t seconds)
{
    struct tm local;
    long minutes;

    (void)snprintf(p->text, sizeof p->text, "%s", p->is_abbreviation ? "UTC" : "+00:00");
    if (localtime_r(&seconds, &local) == NULL) {
        return;
    }
    minutes = local.tm_gmtoff / 60;
    if (p->is_abbreviation) {
        (void)snprintf(p->text, sizeof p->text, "%.15s", local.tm_zone);
    } else {
        long size = minutes < 0 ? -minutes : minutes;
        (void)snprintf(p->text, sizeof p->text, "%c%02d:%02d", minutes < 0 ? '-' : '+',
                       (int)(size / 60 % 100), (int)(size % 60));
    }
}

static int add_locale_run(struct edit *e)
{
    struct add_locale *p = (struct add_locale *)e->base;
    int64_t ms = e->host->wall_ms(p->base.self);
    struct cxd_bytes text;

    if (ms / MINUTE_MS != p->minute) {
        p->minute = ms / MINUTE_MS;
        zone_print(p, (time_t)(ms / 1000));
    }
    text = (struct cxd_bytes){p->text, strlen(p->text)};
    return edit_put_value(e, &p->target, edit_text_value(text));
}

static const struct cxd_option add_locale_options[] = {
    {.name = "format",
     .type = CXD_OPTION_STRING,
     .default_value = "offset",
     .help = "offset (+01:00) or abbreviation (CET)."},
    {.name = NULL},
};

BASE_MODULE(add_locale, NULL, "the time zone of this machine", NULL)
