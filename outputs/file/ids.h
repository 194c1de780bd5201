/*
 * ids.h: the journal beside a data file that says which document ends where, so that what comes twice after a crash is known.
 *
 * A row is 16 bytes: the keyed hash of a document's id, and the place where its line ends in the data file together with the
 * file's generation. Rows are written before the line. A row therefore may lack its line, never a line its row; and whether it
 * does is seen from the data file's length alone: a row of an older generation, or one that ends within the file, is true.
 * Two files, `.NAME.ids` and `.NAME.ids.old`, each with at most half the limit; the older is replaced when the newer is full.
 *
 * Safe against kill -9 at any moment. After loss of power rows may be missing: a repeat is then written twice, none is lost.
 * One owner, one thread.
 */
#pragma once

#include "seen.h"
#include "siphash.h"

#include <sys/types.h>

#define IDS_END_MAX ((UINT64_C(1) << 40) - 1) /* longest data file, 1 TiB */

struct ids {
    const struct cxd_host *host;
    struct cxd_self *self;
    int folder; /* borrowed */
    int fd;     /* -1: closed, or nothing is remembered */
    uint32_t half;
    uint32_t count;      /* rows in the newer file */
    uint32_t generation; /* of the data file */
    mode_t mode;
    unsigned char key[SIPHASH_KEY_LEN];
    char name[256];
    char old[256];
};

struct ids_row {
    uint64_t hash;
    uint64_t end; /* in the data file: the byte behind the line */
};

void ids_init(struct ids *ids, const struct cxd_host *host, struct cxd_self *self, int folder);
/*
 * Reads what is there, forgets rows without a line, and puts the others into seen. data_fd and data_len: the data file, ending
 * with a whole line. stream: the file's name without suffix. A damaged journal is begun anew.
 */
int ids_open(struct ids *ids, const char *stream, int data_fd, uint64_t data_len, struct seen *seen,
             struct cxd_error *err);
uint64_t ids_hash(const struct ids *ids, struct cxd_bytes id);
/* Appends rows (ascending ends), all or none. */
int ids_append(struct ids *ids, const struct ids_row *rows, uint32_t count, struct cxd_error *err);
/* Takes the last rows back: their lines could not be written, and are cut off the data file already. */
void ids_cut(struct ids *ids, uint32_t count);
/* A new generation: all rows so far are true, whatever becomes of the data file. Call before it is renamed. */
int ids_mark(struct ids *ids, struct cxd_error *err);
void ids_close(struct ids *ids);
