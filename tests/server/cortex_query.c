/*
 * Filters, order and pages. Rows of equal rank stand in an order that is not their numbers', as a tenant promises none; but
 * it stays the same from request to request, without which paging would be impossible.
 */
#include "cortex_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SALT_TIE = 0x700 };

static bool query_refuse(struct cortex_refusal *refusal, unsigned status, const char *what,
                         const char *name)
{
    char line[CORTEX_REFUSAL_BYTES / 2 - 8];
    snprintf(line, sizeof line, "%.60s%.100s", what, name);
    struct json_object *value = json_object_new_string(line);
    refusal->status = status;
    snprintf(refusal->extra, sizeof refusal->extra, "%s",
             value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE)
                   : "null");
    json_object_put(value);
    return false;
}

/* 400 comes with a list of what was wrong where. */
static bool query_refuse_type(struct cortex_refusal *refusal, const char *name, const char *wanted)
{
    refusal->status = 400;
    snprintf(refusal->extra, sizeof refusal->extra,
             "[{\"type\": \"%s_type\", \"loc\": [\"request_data\", \"%s\"], \"msg\": \"Input "
             "should be a valid %s\", \"input\": null}]",
             wanted, name, wanted);
    return false;
}

static const struct cortex_field *query_field(const struct cortex_set *set, const char *name)
{
    for (unsigned i = 0; i < set->field_count; i++) {
        if (strcmp(set->fields[i].name, name) == 0) {
            return &set->fields[i];
        }
    }
    return NULL;
}

static const char *query_text(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(object, name, &value);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static unsigned query_operator(const char *name)
{
    static const char *const NAMES[] = {"gte", "lte", "in", "eq", "neq", "contains"};
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(NAMES[i], name) == 0) {
            return 1U << i;
        }
    }
    return 0;
}

static bool query_read_filter(struct cortex_query *query, struct json_object *tree,
                              struct cortex_refusal *refusal)
{
    struct cortex_filter *filter = &query->filters[query->filter_count];
    const char *name = query_text(tree, "field"), *op = query_text(tree, "operator");
    if (!name || !op || !json_object_object_get_ex(tree, "value", &filter->values)) {
        return query_refuse(refusal, 500, "Missing required filter member", "");
    }
    filter->field = query_field(query->set, name);
    if (!filter->field || !filter->field->operators) {
        return query_refuse(refusal, 500, "Invalid filter field: ", name);
    }
    unsigned code = query_operator(op);
    if (!(code & filter->field->operators)) {
        return query_refuse(refusal, 500, "Invalid operator for this field: ", op);
    }
    filter->op = (enum cortex_operator)code;
    bool is_bound = code & CORTEX_BOUNDS;
    bool is_list = json_object_is_type(filter->values, json_type_array);
    if ((is_bound && !json_object_is_type(filter->values, json_type_int)) ||
        (is_list && (code != CORTEX_IN || json_object_array_length(filter->values) == 0 ||
                     json_object_array_length(filter->values) > CORTEX_WORDS_MAX)) ||
        json_object_is_type(filter->values, json_type_object) || !filter->values) {
        return query_refuse(refusal, 500, "Invalid value for this field: ", name);
    }
    filter->number = is_bound ? json_object_get_int64(filter->values) : 0;
    query->filter_count++;
    return true;
}

static bool query_read_filters(struct cortex_query *query, struct json_object *data,
                               struct cortex_refusal *refusal)
{
    struct json_object *list = NULL;
    if (!json_object_object_get_ex(data, "filters", &list) || !list) {
        return true;
    }
    if (!json_object_is_type(list, json_type_array)) {
        return query_refuse_type(refusal, "filters", "list");
    }
    size_t count = json_object_array_length(list);
    if (count > CORTEX_FILTERS_MAX) {
        return query_refuse(refusal, 500, "Too many filters", "");
    }
    for (size_t i = 0; i < count; i++) {
        if (!query_read_filter(query, json_object_array_get_idx(list, i), refusal)) {
            return false;
        }
    }
    return true;
}

static bool query_read_sort(struct cortex_query *query, struct json_object *data,
                            struct cortex_refusal *refusal)
{
    struct json_object *sort = NULL;
    query->sort = query_field(query->set, query->set->sort);
    if (!json_object_object_get_ex(data, "sort", &sort) || !sort) {
        return true;
    }
    const char *name = query_text(sort, "field"), *keyword = query_text(sort, "keyword");
    if (!name || !keyword) {
        return query_refuse_type(refusal, "sort", "dict");
    }
    query->sort = query_field(query->set, name);
    if (!query->sort || !query->sort->sorts) {
        return query_refuse(refusal, 500, "Invalid sort field: ", name);
    }
    query->ascending = strcasecmp(keyword, "asc") == 0;
    if (!query->ascending && strcasecmp(keyword, "desc") != 0) {
        return query_refuse(refusal, 500, "Invalid sort keyword: ", keyword);
    }
    return true;
}

/* False: there, but not a number from 0 up. */
static bool query_offset(struct json_object *data, const char *name, uint64_t *offset)
{
    struct json_object *value = NULL;
    if (!json_object_object_get_ex(data, name, &value) || !value) {
        return true;
    }
    if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0) {
        return false;
    }
    *offset = (uint64_t)json_object_get_int64(value);
    return true;
}

bool cortex_query_read(struct cortex_query *query, const struct cortex_set *set,
                       struct json_object *data, struct cortex_refusal *ret_refusal)
{
    *query = (struct cortex_query){.set = set};
    if (!json_object_is_type(data, json_type_object)) {
        return query_refuse_type(ret_refusal, "request_data", "dict");
    }
    if (!query_offset(data, "search_from", &query->from)) {
        return query_refuse_type(ret_refusal, "search_from", "int");
    }
    if (!query_offset(data, "search_to", &query->to)) {
        return query_refuse_type(ret_refusal, "search_to", "int");
    }
    /* One vendor page says that 0 means the end of the list; no answer has more than a page all the same. */
    if (query->to == 0 || query->to > query->from + CORTEX_PAGE_ROWS) {
        query->to = query->from + CORTEX_PAGE_ROWS;
    }
    return query_read_filters(query, data, ret_refusal) &&
           query_read_sort(query, data, ret_refusal);
}

static bool query_has(const struct cortex_value *value, const char *text)
{
    for (unsigned i = 0; i < value->count; i++) {
        if (strcmp(value->texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool query_is_in(const struct cortex_filter *filter, const struct cortex_value *value)
{
    if (!json_object_is_type(filter->values, json_type_array)) {
        return query_has(value, json_object_get_string(filter->values));
    }
    size_t count = json_object_array_length(filter->values);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_object_get_string(json_object_array_get_idx(filter->values, i));
        if (text && query_has(value, text)) {
            return true;
        }
    }
    return false;
}

static bool filter_fits(const struct cortex_filter *filter, const struct cortex_row *row)
{
    struct cortex_value value;
    filter->field->get(row, &value);
    switch (filter->op) {
    case CORTEX_GTE:
        return value.rank >= filter->number;
    case CORTEX_LTE:
        return value.rank <= filter->number;
    case CORTEX_NEQ:
        return !query_is_in(filter, &value);
    case CORTEX_CONTAINS:
        return strcasestr(value.texts[0], json_object_get_string(filter->values)) != NULL;
    default:
        return query_is_in(filter, &value);
    }
}

bool cortex_query_fits(const struct cortex_query *query, const struct cortex_row *row)
{
    for (unsigned i = 0; i < query->filter_count; i++) {
        if (!filter_fits(&query->filters[i], row)) {
            return false;
        }
    }
    return true;
}

struct query_rank {
    int64_t rank;
    uint64_t tie;
    uint64_t number;
};

static int query_compare(const void *one, const void *two)
{
    const struct query_rank *a = one, *b = two;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

static uint64_t query_collect(const struct cortex_query *query, const struct cortex_shape *shape,
                              int64_t now_ms, uint64_t count, struct query_rank *ranks)
{
    enum cortex_kind kind = query->set->kind;
    uint64_t found = 0;
    for (uint64_t number = 0; number < count; number++) {
        const struct cortex_row row = {.shape = shape, .number = number, .now_ms = now_ms};
        if (!cortex_query_fits(query, &row)) {
            continue;
        }
        struct cortex_value value;
        query->sort->get(&row, &value);
        ranks[found++] = (struct query_rank){
            .rank = query->ascending ? value.rank : -value.rank,
            .tie = cortex_draw(shape, kind, number, SALT_TIE),
            .number = number,
        };
    }
    return found;
}

bool cortex_query_run(const struct cortex_query *query, const struct cortex_shape *shape,
                      int64_t now_ms, struct cortex_page *ret_page)
{
    uint64_t count = cortex_visible(shape, query->set->kind, now_ms);
    struct query_rank *ranks = calloc(count ? count : 1, sizeof *ranks);
    if (!ranks) {
        return false;
    }
    uint64_t found = query_collect(query, shape, now_ms, count, ranks);
    qsort(ranks, found, sizeof *ranks, query_compare);
    ret_page->total = found;
    ret_page->count = 0;
    for (uint64_t i = query->from; i < query->to && i < found; i++) {
        ret_page->numbers[ret_page->count++] = ranks[i].number;
    }
    free(ranks);
    return true;
}

void cortex_query_write(const struct cortex_query *query, const struct cortex_page *page,
                        const struct cortex_row *moment, enum cortex_form form, struct buffer *out)
{
    uint64_t total = page->total < CORTEX_TOTAL_MAX ? page->total : CORTEX_TOTAL_MAX;
    buffer_format(out, "{\"reply\":{\"total_count\":%llu,\"result_count\":%u,\"%s\":[",
                  (unsigned long long)total, page->count, query->set->list);
    for (unsigned i = 0; i < page->count; i++) {
        struct cortex_row row = *moment;
        row.number = page->numbers[i];
        buffer_text(out, i ? "," : "");
        query->set->write(&row, form, out);
    }
    buffer_text(out, query->set->kind == CORTEX_INCIDENTS ? "],\"restricted_incident_ids\":[]}}"
                                                          : "]}}");
}
