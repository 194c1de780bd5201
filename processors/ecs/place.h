/*
 * place.h: where addresses are and whose network they belong to, by MaxMind databases (City and ASN).
 *
 * Owned by the instance, from open to close; documents borrow texts from the mapped files, which live as long. Built without
 * libmaxminddb, place_open refuses a database and place_run does nothing.
 */
#pragma once

#include "whole.h"

struct place;

/* city, asn: paths, NULL for none. Without both *ret_place is NULL. 0, CXD_CONFIG with the reason, or CXD_NOMEM. */
int place_open(const struct cxd_host *host, struct cxd_self *self, const char *city,
               const char *asn, struct place **ret_place, struct cxd_error *err);
/* Accepts NULL. */
void place_close(const struct cxd_host *host, struct cxd_self *self, struct place *place);
/* What is known of the address, or of the first in a list that is known. place NULL: nothing is. */
int place_run(struct map *map, const struct place *place, const struct ecs_work *work,
              struct cxd_node *from);
