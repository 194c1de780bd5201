/*
 * board.h: the panels of a dashboard, from boards/NAME.yml, checked against the fields. Memory and failures are document.h's.
 */
#pragma once

#include "field.h"

#define BOARD_PANELS 64
#define BOARD_COLUMNS 16
#define BOARD_WIDTH 48 /* columns of the grid, as Kibana and OpenSearch Dashboards have them */

enum panel_kind {
    PANEL_METRIC,   /* how many documents */
    PANEL_DISTINCT, /* how many values a field has */
    PANEL_TIMELINE, /* documents over time, by a field's values or not */
    PANEL_PIE,
    PANEL_BARS,
    PANEL_TABLE,
    PANEL_LIST /* the newest documents */
};

struct panel {
    const char *title;
    const char *id; /* of its saved object: from data stream and title */
    enum panel_kind kind;
    const struct field *field; /* NULL: none */
    const struct field *columns[BOARD_COLUMNS];
    size_t column_count;
    unsigned size; /* values shown */
    unsigned x, y, width, height;
};

struct board {
    const char *title;
    const char *about;
    struct panel panels[BOARD_PANELS];
    size_t count;
};

/* stream: "alerts", for ids. After field_finish. */
struct board *board_read(const char *path, const char *stream, const struct field_list *list);
