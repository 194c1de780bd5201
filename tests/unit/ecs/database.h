/*
 * database.h: writes small MaxMind databases for tests, so that none has to be kept. One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A network of IPv4 addresses and what is known of it. */
struct database_row {
    uint8_t address[4];
    unsigned bits;    /* of the network */
    const char *data; /* see database_write */
    size_t data_len;
};

/* A value of the database's data section, appended to a buffer of the caller that is large enough. */
struct database_data {
    unsigned char bytes[2048];
    size_t len;
};

void database_map(struct database_data *data, unsigned count);
void database_list(struct database_data *data, unsigned count);
void database_text(struct database_data *data, const char *text);
void database_double(struct database_data *data, double number);
void database_number(struct database_data *data, uint32_t number);

/* Writes the file; rows must not lie within each other. 0, or -1. */
int database_write(const char *path, const char *type, const struct database_row *rows,
                   size_t count);
