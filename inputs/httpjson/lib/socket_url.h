/*
 * socket_url.h: addresses of services on this machine: http+unix:///run/a.sock, and http+unix://%2Frun%2Fa.sock/path. Pure.
 */
#pragma once

#include "lib/region.h"

/*
 * True for http+... and https+.... Then, with 0 in *ret_status: the socket's path, and the URL that is asked for there. In the first
 * form the path serves as both, as Filebeat has it. Otherwise *ret_status and err say what is wrong; `where` names the option.
 */
bool socket_url_read(struct region *r, struct cxd_bytes url, const char *where,
                     struct cxd_bytes *ret_socket, struct cxd_bytes *ret_url, int *ret_status,
                     struct cxd_error *err);
