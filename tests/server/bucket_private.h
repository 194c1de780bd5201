#pragma once
/* What the files bucket*.c share. Functions here want the bucket's lock held. */
#include <pthread.h>
#include <stddef.h>

#include "bucket.h"

enum { BUCKET_TOKEN_BYTES = BUCKET_NAME_MAX * 4 / 3 + 8 };

struct bucket {
    char *name;
    char *folder; /* watched; NULL: none */
    pthread_mutex_t lock;
    struct object *objects; /* by name */
    size_t count;
    size_t room;
};

size_t bucket_lower(const struct bucket *bucket, const char *name);
/* Adds or replaces; takes the object's texts. */
bool bucket_insert(struct bucket *bucket, struct object *object);
/* Brings the watched files up to date. */
void bucket_scan(struct bucket *bucket);
bool bucket_token_read(const char *token, char ret_name[BUCKET_NAME_MAX + 1]);
void bucket_token_write(const char *name, char token[BUCKET_TOKEN_BYTES]);
