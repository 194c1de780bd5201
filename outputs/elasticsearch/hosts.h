/*
 * hosts.h: the nodes to send to. Each request goes to the next one; a node that failed rests, longer each time. Pure: time is
 * given. One owner, one thread.
 */
#pragma once

#include "cxd/status.h"

#define HOSTS_MAX 64
#define HOSTS_URL_MAX 512
#define HOSTS_REST_FIRST_MS 1000
#define HOSTS_REST_MAX_MS 60000

struct hosts_row {
    char url[HOSTS_URL_MAX]; /* scheme://name:port/path, no slash at the end */
    int64_t rest_until_ms;   /* mono_ms; 0: ready */
    int64_t rest_ms;         /* length of the last rest */
};

struct hosts {
    struct hosts_row rows[HOSTS_MAX];
    uint32_t count;
    uint32_t next;
};

/* What a URL is completed with. */
struct hosts_defaults {
    const char *protocol; /* "http" or "https" */
    const char *path;     /* "" or with or without slashes */
};

/* Adds a node: NAME, NAME:PORT or a whole URL. CXD_CONFIG names what is wrong, without credentials that may stand in it. */
int hosts_add(struct hosts *h, struct cxd_bytes text, const struct hosts_defaults *defaults,
              struct cxd_error *err);
/* The next node in turn that is not resting and not yet in the bit set `tried`; if all rest, the one that wakes first. Its
 * number, or -1 when all were tried. */
int hosts_take(struct hosts *h, uint64_t tried, int64_t now_ms);
void hosts_failed(struct hosts *h, int number, int64_t now_ms);
void hosts_good(struct hosts *h, int number);
