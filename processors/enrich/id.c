/* id.c: add_id: an id that nobody else makes: the time, this instance, and a number that grows. */
#include "lib/edit.h"

#define ID_BYTES 15
#define ID_LEN 20

struct add_id {
    struct base base;
    struct path target;
    unsigned char instance[6];
    uint32_t number; /* 24 bits */
    uint32_t first;  /* number with which last_ms began */
    uint64_t last_ms;
};

static int add_id_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const types[] = {"elasticsearch", NULL};
    struct add_id *p = (struct add_id *)b;
    int r = path_option(b, options, "target_field", &p->target, err);

    if (r == CXD_OK && base_word(b, options, "type", types, err) < 0) {
        return CXD_CONFIG;
    }
    b->host->random(b->self, p->instance, sizeof p->instance);
    b->host->random(b->self, &p->number, sizeof p->number);
    p->number &= 0xffffff;
    return r;
}

/* The clock may stand still or go back, and 2^24 numbers may be used up: the time of ids does not. */
static void time_move(struct add_id *p, uint64_t now_ms)
{
    p->number = (p->number + 1) & 0xffffff;
    if (now_ms > p->last_ms) {
        p->last_ms = now_ms;
        p->first = p->number;
    } else if (p->number == p->first) {
        p->last_ms++;
    }
}

static int add_id_run(struct edit *e)
{
    struct add_id *p = (struct add_id *)e->base;
    unsigned char bytes[ID_BYTES];
    char *text = edit_alloc(e, ID_LEN);
    size_t len;

    if (text == NULL) {
        return edit_lack(e);
    }
    time_move(p, (uint64_t)e->host->wall_ms(p->base.self));
    for (int i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(p->last_ms >> (40 - 8 * i));
        bytes[6 + i] = p->instance[i];
    }
    for (int i = 0; i < 3; i++) {
        bytes[12 + i] = (unsigned char)(p->number >> (16 - 8 * i));
    }
    len = e->host->base64(bytes, sizeof bytes, 1, text, ID_LEN);
    return edit_put_value(e, &p->target, edit_text_value((struct cxd_bytes){text, len}));
}

static const struct cxd_option add_id_options[] = {
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .default_value = "@metadata._id",
     .help = "Where it goes; by default it is the document's id."},
    {.name = "type",
     .type = CXD_OPTION_STRING,
     .default_value = "elasticsearch",
     .help = "elasticsearch: 20 letters, the time first."},
    {.name = NULL},
};

BASE_MODULE(add_id, NULL, "makes a unique id", NULL)
