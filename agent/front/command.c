/* command.c: what commands share. */
#include "front/command.h"

#include "base/redact.h"
#include "front/keystore/vault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void command_complain(const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    redact_text(text, strlen(text));
    (void)fprintf(stderr, "cortexd: %s\n", text);
}

static int modules_add(struct command_common *c, const char *folder)
{
    size_t i = 0;

    while (i < sizeof c->modules / sizeof c->modules[0] - 1) {
        if (c->modules[i] == NULL) {
            c->modules[i] = folder;
            return 1;
        }
        i++;
    }
    command_complain("--modules: at most 8 folders");
    return -1;
}

int command_common_take(struct command_common *c, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    const char *value = *at + 1 < argc ? argv[*at + 1] : NULL;
    int r = 1;

    if (strcmp(word, "-c") != 0 && strcmp(word, "--config") != 0 &&
        strcmp(word, "--modules") != 0 && strcmp(word, "--path.data") != 0) {
        return 0;
    }
    if (value == NULL) {
        command_complain("%s needs a value", word);
        return -1;
    }
    if (word[1] == 'c' || strcmp(word, "--config") == 0) {
        c->policy = value;
    } else if (strcmp(word, "--modules") == 0) {
        r = modules_add(c, value);
    } else {
        c->data_path = value;
        vault_folder_set(value);
    }
    *at += 1;
    return r;
}
