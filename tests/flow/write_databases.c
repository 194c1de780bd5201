/* write_databases.c: write_databases FOLDER: two MaxMind databases, city.mmdb and asn.mmdb, that know something of every IPv4 address. */
#include "../unit/ecs/database.h"

#include <stdio.h>

static int put(const char *folder, const char *name, const char *type,
               const struct database_data *data)
{
    const struct database_row rows[] = {
        {.address = {0}, .bits = 1, .data = (const char *)data->bytes, .data_len = data->len},
        {.address = {128}, .bits = 1, .data = (const char *)data->bytes, .data_len = data->len}};
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return database_write(path, type, rows, 2);
}

int main(int argc, char **argv)
{
    static struct database_data city;
    static struct database_data network;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: write_databases FOLDER\n");
        return 2;
    }
    database_map(&city, 1);
    database_text(&city, "country");
    database_map(&city, 2);
    database_text(&city, "iso_code");
    database_text(&city, "SE");
    database_text(&city, "names");
    database_map(&city, 1);
    database_text(&city, "en");
    database_text(&city, "Sweden");
    database_map(&network, 2);
    database_text(&network, "autonomous_system_number");
    database_number(&network, 29518);
    database_text(&network, "autonomous_system_organization");
    database_text(&network, "Example Net");
    return put(argv[1], "city.mmdb", "GeoLite2-City", &city) == 0 &&
                   put(argv[1], "asn.mmdb", "GeoLite2-ASN", &network) == 0
               ? 0
               : 1;
}
