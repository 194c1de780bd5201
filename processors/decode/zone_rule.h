/* zone_rule.h: what a zone does for ever after, as POSIX writes it: "CET-1CEST,M3.5.0,M10.5.0/3". Pure, any thread. */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

/* A day in every year, and a time of it. */
struct zone_day {
    char kind; /* 'M': week of a month; 'J': 1 to 365 without 29 February; '0': 0 to 365 */
    int month, week, day;
    int seconds; /* of the zone's clocks then */
};

struct zone_rule {
    int standard; /* seconds east of UTC */
    int summer;
    bool has_summer;
    struct zone_day begin, end; /* of summer time */
};

bool zone_rule_read(struct cxd_bytes text, struct zone_rule *ret_rule);
/* Seconds east of UTC at that time in UTC. */
int zone_rule_offset(const struct zone_rule *rule, int64_t seconds);
