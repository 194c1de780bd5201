/*
 * place.c: see place.h. A database that has an address but not a member of it leaves that member out.
 */
#include "place.h"

#include "number.h"

#include <string.h>

#ifdef ECS_HAS_MAXMINDDB

#include <maxminddb.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#define ADDRESS_MAX 64

struct place {
    MMDB_s city;
    MMDB_s asn;
    bool has_city;
    bool has_asn;
};

static int open_one(const char *path, MMDB_s *ret_database, bool *ret_is_open,
                    struct cxd_error *err)
{
    int status = path != NULL ? MMDB_open(path, MMDB_MODE_MMAP, ret_database) : MMDB_SUCCESS;

    if (status == MMDB_OUT_OF_MEMORY_ERROR) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    if (status != MMDB_SUCCESS) {
        return cxd_error_set(err, CXD_CONFIG, "%.200s: %s", path, MMDB_strerror(status));
    }
    *ret_is_open = path != NULL;
    return CXD_OK;
}

int place_open(const struct cxd_host *host, struct cxd_self *self, const char *city,
               const char *asn, struct place **ret_place, struct cxd_error *err)
{
    struct place *place;
    int status;

    if (city == NULL && asn == NULL) {
        *ret_place = NULL;
        return CXD_OK;
    }
    place = host->alloc(self, sizeof *place);
    if (place == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    status = open_one(city, &place->city, &place->has_city, err);
    if (status == CXD_OK) {
        status = open_one(asn, &place->asn, &place->has_asn, err);
    }
    if (status != CXD_OK) {
        place_close(host, self, place);
        return status;
    }
    *ret_place = place;
    return CXD_OK;
}

void place_close(const struct cxd_host *host, struct cxd_self *self, struct place *place)
{
    if (place == NULL) {
        return;
    }
    if (place->has_city) {
        MMDB_close(&place->city);
    }
    if (place->has_asn) {
        MMDB_close(&place->asn);
    }
    host->free(self, place);
}

/* --- what a database says ------------------------------------------------------------------------------ */

/* The entry of an address. The text is numeric, so nobody is asked for a name. */
static bool find_entry(const MMDB_s *database, struct cxd_bytes address, MMDB_entry_s *ret_entry)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    MMDB_lookup_result_s result;
    char text[ADDRESS_MAX];
    int error = MMDB_SUCCESS;

    if (address.len == 0 || address.len >= sizeof text) {
        return false;
    }
    memcpy(text, address.ptr, address.len);
    text[address.len] = '\0';
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&v4, &error);
    } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&v6, &error);
    } else {
        return false;
    }
    *ret_entry = result.entry;
    return error == MMDB_SUCCESS && result.found_entry;
}

/* A member with something in it; path ends with NULL. */
static bool find_data(MMDB_entry_s *entry, const char *const *path, MMDB_entry_data_s *ret_data)
{
    return MMDB_aget_value(entry, ret_data, path) == MMDB_SUCCESS && ret_data->has_data;
}

static bool find_text(MMDB_entry_s *entry, const char *const *path, struct cxd_value *ret_text)
{
    MMDB_entry_data_s data;

    if (!find_data(entry, path, &data) || data.type != MMDB_DATA_TYPE_UTF8_STRING ||
        data.data_size == 0) {
        return false;
    }
    *ret_text = value_of_text(data.utf8_string, data.data_size);
    return true;
}

static int add_member(struct map *map, struct cxd_node *object, const char *key,
                      struct cxd_value value)
{
    struct cxd_node *node = slot_node(map);

    if (node == NULL) {
        return CXD_NOMEM;
    }
    node->key = key;
    node->key_len = (uint32_t)strlen(key);
    node->value = value;
    slot_link(object, node);
    return CXD_OK;
}

static int add_text(struct map *map, struct cxd_node *object, const char *key, MMDB_entry_s *entry,
                    const char *const *path)
{
    struct cxd_value text;

    return find_text(entry, path, &text) ? add_member(map, object, key, text) : CXD_OK;
}

static int add_double(struct map *map, struct cxd_node *object, const char *key, double number)
{
    char out[NUMBER_DOUBLE_ROOM];
    struct cxd_value value = value_copy(map, out, number_print_double(number, map->plain, out), 0);

    value.kind = CXD_KIND_NUMBER;
    return value.ptr != NULL ? add_member(map, object, key, value) : CXD_NOMEM;
}

/* Country and region joined: "SE-E". */
static int add_region(struct map *map, struct cxd_node *object, MMDB_entry_s *entry)
{
    static const char *const country_path[] = {"country", "iso_code", NULL};
    static const char *const region_path[] = {"subdivisions", "0", "iso_code", NULL};
    struct cxd_value country;
    struct cxd_value region;
    struct cxd_value code = {.kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
    char *out;

    if (!find_text(entry, country_path, &country) || !find_text(entry, region_path, &region)) {
        return CXD_OK;
    }
    out = map->host->event_alloc(map->event, (size_t)country.len + 1 + region.len);
    if (out == NULL) {
        return CXD_NOMEM;
    }
    memcpy(out, country.ptr, country.len);
    out[country.len] = '-';
    memcpy(out + country.len + 1, region.ptr, region.len);
    code.ptr = out;
    code.len = country.len + 1 + region.len;
    return add_member(map, object, "region_iso_code", code);
}

static int add_location(struct map *map, struct cxd_node *object, MMDB_entry_s *entry)
{
    static const char *const lat_path[] = {"location", "latitude", NULL};
    static const char *const lon_path[] = {"location", "longitude", NULL};
    const struct cxd_value tree = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    MMDB_entry_data_s lat;
    MMDB_entry_data_s lon;
    int status;

    if (!find_data(entry, lat_path, &lat) || lat.type != MMDB_DATA_TYPE_DOUBLE ||
        !find_data(entry, lon_path, &lon) || lon.type != MMDB_DATA_TYPE_DOUBLE ||
        !(lat.double_value >= -90 && lat.double_value <= 90) ||
        !(lon.double_value >= -180 && lon.double_value <= 180)) {
        return CXD_OK;
    }
    status = add_member(map, object, "location", tree);
    if (status == CXD_OK) {
        status = add_double(map, object->last, "lat", lat.double_value);
    }
    return status == CXD_OK ? add_double(map, object->last, "lon", lon.double_value) : status;
}

static int add_place(struct map *map, struct cxd_node *object, MMDB_entry_s *entry)
{
    static const struct {
        const char *key;
        const char *path[5];
    } members[] = {
        {"continent_name", {"continent", "names", "en", NULL}},
        {"country_name", {"country", "names", "en", NULL}},
        {"country_iso_code", {"country", "iso_code", NULL}},
        {"region_name", {"subdivisions", "0", "names", "en", NULL}},
        {"city_name", {"city", "names", "en", NULL}},
    };
    int status = CXD_OK;

    for (size_t i = 0; status == CXD_OK && i < sizeof members / sizeof members[0]; i++) {
        status = add_text(map, object, members[i].key, entry, members[i].path);
    }
    if (status == CXD_OK) {
        status = add_region(map, object, entry);
    }
    return status == CXD_OK ? add_location(map, object, entry) : status;
}

static int add_network(struct map *map, struct cxd_node *object, MMDB_entry_s *entry)
{
    static const char *const number_path[] = {"autonomous_system_number", NULL};
    static const char *const name_path[] = {"autonomous_system_organization", NULL};
    const struct cxd_value tree = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE};
    char out[NUMBER_LONG_ROOM];
    struct cxd_value number;
    struct cxd_value name;
    MMDB_entry_data_s data;
    int status = CXD_OK;

    if (find_data(entry, number_path, &data) && data.type == MMDB_DATA_TYPE_UINT32) {
        number = value_copy(map, out, number_print_long(data.uint32, out), 0);
        number.kind = CXD_KIND_NUMBER;
        status = number.ptr != NULL ? add_member(map, object, "number", number) : CXD_NOMEM;
    }
    if (status == CXD_OK && find_text(entry, name_path, &name)) {
        status = add_member(map, object, "organization", tree);
        status = status == CXD_OK ? add_member(map, object->last, "name", name) : status;
    }
    return status;
}

/* --- addresses of the document -------------------------------------------------------------------------- */

/* The first address that the database knows: one text, or an element of a list. */
static int find_address(struct map *map, const MMDB_s *database, struct cxd_node *from,
                        MMDB_entry_s *ret_entry, bool *ret_is_known)
{
    struct cxd_node single = {.value = from->value};
    struct cxd_node *at = &single;

    if (from->value.kind == CXD_KIND_LIST) {
        int status = slot_expand(map, from);
        if (status != CXD_OK) {
            return status;
        }
        at = from->first;
    }
    for (; at != NULL && !*ret_is_known; at = at->next) {
        struct cxd_bytes text;
        if (at->value.kind != CXD_KIND_STRING) {
            continue;
        }
        if (!value_bytes(map, &at->value, &text)) {
            return CXD_NOMEM;
        }
        *ret_is_known = find_entry(database, text, ret_entry);
    }
    return CXD_OK;
}

int place_run(struct map *map, const struct place *place, const struct ecs_work *work,
              struct cxd_node *from)
{
    bool is_place = work->verb == ECS_VERB_PLACE;
    struct cxd_node object = {.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    bool is_known = false;
    MMDB_entry_s entry;
    int status;

    if (place == NULL || !(is_place ? place->has_city : place->has_asn)) {
        return CXD_OK;
    }
    status = find_address(map, is_place ? &place->city : &place->asn, from, &entry, &is_known);
    if (status != CXD_OK || !is_known) {
        return status;
    }
    status = is_place ? add_place(map, &object, &entry) : add_network(map, &object, &entry);
    if (status != CXD_OK || object.first == NULL) {
        return status;
    }
    return slot_put_node(map, work->to, &object);
}

#else

int place_open(const struct cxd_host *host, struct cxd_self *self, const char *city,
               const char *asn, struct place **ret_place, struct cxd_error *err)
{
    (void)host;
    (void)self;
    if (city != NULL || asn != NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%s: this build cannot read databases of addresses",
                             city != NULL ? "geoip.database" : "asn.database");
    }
    *ret_place = NULL;
    return CXD_OK;
}

void place_close(const struct cxd_host *host, struct cxd_self *self, struct place *place)
{
    (void)host;
    (void)self;
    (void)place;
}

int place_run(struct map *map, const struct place *place, const struct ecs_work *work,
              struct cxd_node *from)
{
    (void)map;
    (void)place;
    (void)work;
    (void)from;
    return CXD_OK;
}

#endif
