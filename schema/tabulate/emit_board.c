/*
 * emit_board.c: a dashboard as saved objects, one a line: what Kibana (7.10 and later, 8, 9) and OpenSearch Dashboards import alike:
 * index pattern, visualizations made of aggregations, a saved search, the dashboard. Lens is Kibana's alone, so it is not used. The
 * versions named in migrationVersion are those from which both go on by themselves.
 */
#include "board.h"
#include "emit.h"

#include <stdlib.h>
#include <string.h>

#define QUERY "\"query\":{\"query\":\"\",\"language\":\"kuery\"},\"filter\":[]"
#define SOURCE_REF "kibanaSavedObjectMeta.searchSourceJSON.index"
#define AXIS_LABELS "\"labels\":{\"show\":true,\"rotate\":0,\"filter\":true,\"truncate\":100}"

/* JSON within JSON: written apart, then as a string. */
struct inner {
    FILE *file;
    char *text;
    size_t len;
};

static void inner_open(struct inner *inner)
{
    inner->text = NULL;
    inner->file = open_memstream(&inner->text, &inner->len);
    if (inner->file == NULL) {
        document_fail("dashboard", 0, "out of memory");
    }
}

static void inner_close(struct inner *inner, FILE *out)
{
    if (fclose(inner->file) != 0) {
        document_fail("dashboard", 0, "out of memory");
    }
    (void)fputc('"', out);
    for (size_t i = 0; i < inner->len; i++) {
        if (inner->text[i] == '"' || inner->text[i] == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc(inner->text[i], out);
    }
    (void)fputc('"', out);
    free(inner->text);
}

static void print_terms(FILE *out, const struct panel *p, const char *id, const char *schema)
{
    (void)fprintf(
        out,
        ",{\"id\":\"%s\",\"enabled\":true,\"type\":\"terms\",\"schema\":\"%s\",\"params\":{"
        "\"field\":\"%s\",\"orderBy\":\"1\",\"order\":\"desc\",\"size\":%u,"
        "\"otherBucket\":%s,\"otherBucketLabel\":\"Other\",\"missingBucket\":false,"
        "\"missingBucketLabel\":\"Missing\"}}",
        id, schema, p->field->name, p->size, p->kind == PANEL_PIE ? "true" : "false");
}

static void print_aggs(FILE *out, const struct panel *p)
{
    if (p->kind == PANEL_DISTINCT) {
        (void)fprintf(
            out,
            "{\"id\":\"1\",\"enabled\":true,\"type\":\"cardinality\",\"schema\":\"metric\","
            "\"params\":{\"field\":\"%s\",\"customLabel\":\"%s\"}}",
            p->field->name, p->title);
        return;
    }
    (void)fprintf(out,
                  "{\"id\":\"1\",\"enabled\":true,\"type\":\"count\",\"schema\":\"metric\","
                  "\"params\":{%s%s%s}}",
                  p->kind == PANEL_METRIC ? "\"customLabel\":\"" : "",
                  p->kind == PANEL_METRIC ? p->title : "", p->kind == PANEL_METRIC ? "\"" : "");
    if (p->kind == PANEL_TIMELINE) {
        (void)fputs(",{\"id\":\"2\",\"enabled\":true,\"type\":\"date_histogram\",\"schema\":"
                    "\"segment\",\"params\":{\"field\":\"@timestamp\",\"interval\":\"auto\","
                    "\"useNormalizedEsInterval\":true,\"scaleMetricValues\":false,"
                    "\"drop_partials\":false,\"min_doc_count\":1,\"extended_bounds\":{}}}",
                    out);
    }
    if (p->field != NULL) {
        print_terms(out, p, p->kind == PANEL_TIMELINE ? "3" : "2",
                    p->kind == PANEL_TIMELINE ? "group"
                    : p->kind == PANEL_TABLE  ? "bucket"
                                              : "segment");
    }
}

static void print_axes(FILE *out, const struct panel *p)
{
    int is_flat = p->kind == PANEL_BARS;

    (void)fprintf(
        out,
        "\"grid\":{\"categoryLines\":false},\"categoryAxes\":[{\"id\":\"CategoryAxis-1\","
        "\"type\":\"category\",\"position\":\"%s\",\"show\":true,\"style\":{},\"scale\":{"
        "\"type\":\"linear\"}," AXIS_LABELS ",\"title\":{}}],\"valueAxes\":[{\"id\":"
        "\"ValueAxis-1\",\"name\":\"%s\",\"type\":\"value\",\"position\":\"%s\",\"show\":"
        "true,\"style\":{},\"scale\":{\"type\":\"linear\",\"mode\":\"normal\"}," AXIS_LABELS
        ",\"title\":{\"text\":\"Count\"}}],",
        is_flat ? "left" : "bottom", is_flat ? "BottomAxis-1" : "LeftAxis-1",
        is_flat ? "bottom" : "left");
    (void)fprintf(
        out,
        "\"seriesParams\":[{\"show\":true,\"type\":\"histogram\",\"mode\":\"%s\",\"data\":{"
        "\"label\":\"Count\",\"id\":\"1\"},\"valueAxis\":\"ValueAxis-1\","
        "\"drawLinesBetweenPoints\":true,\"lineWidth\":2,\"showCircles\":true}],"
        "\"addTooltip\":true,\"addLegend\":%s,\"legendPosition\":\"right\",\"times\":[],"
        "\"addTimeMarker\":false,\"labels\":{\"show\":false},\"thresholdLine\":{\"show\":"
        "false,\"value\":10,\"width\":1,\"style\":\"full\",\"color\":\"#E7664C\"}",
        is_flat ? "normal" : "stacked", is_flat ? "false" : "true");
}

static void print_params(FILE *out, const struct panel *p)
{
    switch (p->kind) {
    case PANEL_METRIC:
    case PANEL_DISTINCT:
        (void)fputs(
            "\"type\":\"metric\",\"addTooltip\":true,\"addLegend\":false,\"metric\":{"
            "\"percentageMode\":false,\"useRanges\":false,\"colorSchema\":\"Green to Red\","
            "\"metricColorMode\":\"None\",\"colorsRange\":[{\"from\":0,\"to\":10000}],"
            "\"labels\":{\"show\":true},\"invertColors\":false,\"style\":{\"bgFill\":\"#000\","
            "\"bgColor\":false,\"labelColor\":false,\"subText\":\"\",\"fontSize\":48}}",
            out);
        break;
    case PANEL_PIE:
        (void)fputs("\"type\":\"pie\",\"addTooltip\":true,\"addLegend\":true,\"legendPosition\":"
                    "\"right\",\"isDonut\":true,\"labels\":{\"show\":true,\"values\":true,"
                    "\"last_level\":true,\"truncate\":100}",
                    out);
        break;
    case PANEL_TABLE:
        (void)fputs("\"perPage\":10,\"showPartialRows\":false,\"showMetricsAtAllLevels\":false,"
                    "\"showTotal\":false,\"totalFunc\":\"sum\",\"percentageCol\":\"\"",
                    out);
        break;
    default:
        (void)fprintf(out, "\"type\":\"histogram\",");
        print_axes(out, p);
        break;
    }
}

static void print_reference(FILE *out, const char *dataset)
{
    (void)fprintf(out,
                  "\"references\":[{\"name\":\"" SOURCE_REF
                  "\",\"type\":\"index-pattern\",\"id\":\"cortexd-%s\"}]",
                  dataset);
}

static void print_visual(FILE *out, const struct panel *p, const char *dataset)
{
    static const char *const types[] = {"metric", "metric",         "histogram",
                                        "pie",    "horizontal_bar", "table"};
    struct inner inner;

    (void)fprintf(out,
                  "{\"type\":\"visualization\",\"id\":\"%s\",\"attributes\":{\"title\":\"%s\","
                  "\"description\":\"\",\"version\":1,\"uiStateJSON\":\"{}\",\"visState\":",
                  p->id, p->title);
    inner_open(&inner);
    (void)fprintf(inner.file, "{\"title\":\"%s\",\"type\":\"%s\",\"aggs\":[", p->title,
                  types[p->kind]);
    print_aggs(inner.file, p);
    (void)fputs("],\"params\":{", inner.file);
    print_params(inner.file, p);
    (void)fputs("}}", inner.file);
    inner_close(&inner, out);
    (void)fputs(",\"kibanaSavedObjectMeta\":{\"searchSourceJSON\":", out);
    inner_open(&inner);
    (void)fputs("{" QUERY ",\"indexRefName\":\"" SOURCE_REF "\"}", inner.file);
    inner_close(&inner, out);
    (void)fputs("}},", out);
    print_reference(out, dataset);
    (void)fputs(",\"migrationVersion\":{\"visualization\":\"7.10.0\"}}\n", out);
}

static void print_search(FILE *out, const struct panel *p, const char *dataset)
{
    struct inner inner;

    (void)fprintf(out,
                  "{\"type\":\"search\",\"id\":\"%s\",\"attributes\":{\"title\":\"%s\","
                  "\"description\":\"\",\"hits\":0,\"version\":1,\"columns\":[",
                  p->id, p->title);
    for (size_t i = 0; i < p->column_count; i++) {
        (void)fprintf(out, "%s\"%s\"", i > 0 ? "," : "", p->columns[i]->name);
    }
    (void)fputs("],\"sort\":[[\"@timestamp\",\"desc\"]],\"kibanaSavedObjectMeta\":{"
                "\"searchSourceJSON\":",
                out);
    inner_open(&inner);
    (void)fputs("{\"highlightAll\":true,\"version\":true," QUERY ",\"indexRefName\":\"" SOURCE_REF
                "\"}",
                inner.file);
    inner_close(&inner, out);
    (void)fputs("}},", out);
    print_reference(out, dataset);
    (void)fputs(",\"migrationVersion\":{\"search\":\"7.9.3\"}}\n", out);
}

static void print_panels(FILE *out, const struct board *board)
{
    (void)fputc('[', out);
    for (size_t i = 0; i < board->count; i++) {
        const struct panel *p = &board->panels[i];
        (void)fprintf(out,
                      "%s{\"version\":\"7.10.2\",\"gridData\":{\"x\":%u,\"y\":%u,\"w\":%u,\"h\":%u,"
                      "\"i\":\"%zu\"},\"panelIndex\":\"%zu\",\"embeddableConfig\":{},"
                      "\"panelRefName\":\"panel_%zu\"}",
                      i > 0 ? "," : "", p->x, p->y, p->width, p->height, i + 1, i + 1, i);
    }
    (void)fputc(']', out);
}

static void print_dashboard(FILE *out, const struct board *board, const char *dataset)
{
    struct inner inner;

    (void)fprintf(
        out,
        "{\"type\":\"dashboard\",\"id\":\"cortexd-%s-dashboard\",\"attributes\":{\"title\":"
        "\"%s\",\"description\":\"%s\",\"hits\":0,\"version\":1,\"timeRestore\":true,"
        "\"timeFrom\":\"now-7d\",\"timeTo\":\"now\",\"optionsJSON\":"
        "\"{\\\"useMargins\\\":true,\\\"hidePanelTitles\\\":false}\",\"panelsJSON\":",
        dataset, board->title, board->about);
    inner_open(&inner);
    print_panels(inner.file, board);
    inner_close(&inner, out);
    (void)fputs(",\"kibanaSavedObjectMeta\":{\"searchSourceJSON\":", out);
    inner_open(&inner);
    (void)fputs("{" QUERY "}", inner.file);
    inner_close(&inner, out);
    (void)fputs("}},\"references\":[", out);
    for (size_t i = 0; i < board->count; i++) {
        (void)fprintf(
            out, "%s{\"name\":\"panel_%zu\",\"type\":\"%s\",\"id\":\"%s\"}", i > 0 ? "," : "", i,
            board->panels[i].kind == PANEL_LIST ? "search" : "visualization", board->panels[i].id);
    }
    (void)fputs("],\"migrationVersion\":{\"dashboard\":\"7.9.3\"}}\n", out);
}

void emit_board(FILE *out, const struct board *board, const char *dataset)
{
    (void)fprintf(out,
                  "{\"type\":\"index-pattern\",\"id\":\"cortexd-%s\",\"attributes\":{\"title\":"
                  "\"logs-%s-*\",\"timeFieldName\":\"@timestamp\"},\"references\":[],"
                  "\"migrationVersion\":{\"index-pattern\":\"7.6.0\"}}\n",
                  dataset, dataset);
    for (size_t i = 0; i < board->count; i++) {
        if (board->panels[i].kind == PANEL_LIST) {
            print_search(out, &board->panels[i], dataset);
        } else {
            print_visual(out, &board->panels[i], dataset);
        }
    }
    print_dashboard(out, board, dataset);
}
