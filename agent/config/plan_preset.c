/* plan_preset.c: the table of presets. */
#include "config/plan_preset.h"

#include <string.h>

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)

static const struct plan_preset presets[] = {
    {"balanced", "1", "1", 8 * MIB, 1 * MIB, 1000},
    {"throughput", "4", "1", 32 * MIB, 2 * MIB, 2000},
    {"scale", "1", "3", 8 * MIB, 2 * MIB, 5000},
    {"latency", "2", "1", 8 * MIB, 64 * KIB, 100},
};

int plan_preset_find(const struct conf *output, const struct plan_preset **ret_preset,
                     struct cxd_error *err)
{
    const struct conf *node = conf_find(output, "preset");

    *ret_preset = NULL;
    if (conf_is_null(node)) {
        return CXD_OK;
    }
    for (size_t i = 0; node->kind == CONF_SCALAR && i < sizeof presets / sizeof presets[0]; i++) {
        if (strcmp(presets[i].name, node->text) == 0) {
            *ret_preset = &presets[i];
            return CXD_OK;
        }
    }
    return node->kind == CONF_SCALAR && strcmp(node->text, "custom") == 0
               ? CXD_OK
               : conf_error(err, node,
                            "preset: expected balanced, throughput, scale, latency or custom");
}
