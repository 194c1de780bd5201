/*
 * topic.h: the topic's name, fixed or made of the parts of the data stream's name. Pure. Thread: any, a value each.
 */
#pragma once

#include "cxd/module.h"

#define TOPIC_MAX 249 /* Kafka's own limit, bytes */
#define TOPIC_FORMAT_MAX 512

struct topic_format {
    char text[TOPIC_FORMAT_MAX + 1];
};

/* CXD_CONFIG for a reference that is not one of [data_stream.type], .dataset, .namespace, or letters Kafka refuses. */
int topic_format_read(struct topic_format *ret_format, struct cxd_bytes text,
                      struct cxd_error *err);
/* The topic for a data stream, terminated. 0, or CXD_REJECTED: no name that Kafka takes comes out. */
int topic_make(const struct topic_format *format, struct cxd_bytes index,
               char ret_name[TOPIC_MAX + 1]);
