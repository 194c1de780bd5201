/* machine.h: what this machine says of itself, as JSON. Reads files below /etc and the kernel's answers; no network. */
#pragma once

#include "lib/base.h"

#define MACHINE_TEXT_MAX 16384

/* JSON being written into a fixed room; what does not fit any more is left out, and the text stays valid. */
struct machine_text {
    char text[MACHINE_TEXT_MAX];
    size_t len;
    bool is_full;
};

struct machine_wants {
    bool has_system;        /* architecture, os, id, containerized */
    bool has_net;           /* ip, mac */
    struct cxd_bytes name;  /* {NULL,0}: the host's own, in lower case */
    struct cxd_bytes front; /* members to begin with, as JSON: "geo":{..}; may be empty */
};

/* An object: hostname, name and what is wanted. */
void machine_describe(const struct cxd_host *host, const struct machine_wants *wants,
                      struct machine_text *out);
/* "geo":{..} out of the options below `geo`, in the instance's memory; {"",0}: none. */
int machine_geo(struct base *b, struct cxd_bytes options, struct cxd_bytes *ret_text,
                struct cxd_error *err);

/* Rows of geo. */
#define MACHINE_GEO_ROW(name_)                                                                     \
    {                                                                                              \
        .name = "geo." name_, .type = CXD_OPTION_STRING, .help = "Where the machine stands."       \
    }
#define MACHINE_GEO_OPTIONS                                                                        \
    MACHINE_GEO_ROW("name"), MACHINE_GEO_ROW("location"), MACHINE_GEO_ROW("continent_name"),       \
        MACHINE_GEO_ROW("country_name"), MACHINE_GEO_ROW("country_iso_code"),                      \
        MACHINE_GEO_ROW("region_name"), MACHINE_GEO_ROW("region_iso_code"),                        \
        MACHINE_GEO_ROW("city_name")
