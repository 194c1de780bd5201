/*
 * main.c: the command line. Each command is a table of name, help and function; here they are chosen.
 */
#include "config/nearest.h"
#include "front/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define COMMANDS_MAX 64

static int version_run(int argc, char **argv)
{
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "--json") != 0)) {
        command_complain("version: unknown word \"%.100s\" (see: cortexd help version)",
                         argv[argc - 1]);
        return EXIT_USAGE;
    }
    return printf(argc == 2 ? "{\"version\":\"%s\"}\n" : "cortexd %s\n", CXD_VERSION) < 0
               ? EXIT_PROBLEM
               : EXIT_OK;
}

static const struct command command_version = {
    .name = "version",
    .summary = "print the version",
    .help = "cortexd version [--json]\n"
            "\n"
            "Exit codes: 0 done; 2 wrong words.\n",
    .run = version_run,
};

const struct command *const commands_all[] = {
    &command_run,        &command_map,          &command_test,
    &command_modules,    &command_check_module, &command_new_module,
    &command_export,     &command_cel,          &command_state,
    &command_status,     &command_top,          &command_deadletter,
    &command_keystore,   &command_policy,       &command_embed,
    &command_component,  &command_completion,   &command_version,
    NULL};

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands_all[i] != NULL; i++) {
        if (strcmp(commands_all[i]->name, name) == 0) {
            return commands_all[i];
        }
    }
    return NULL;
}

static int usage_print(FILE *to)
{
    (void)fprintf(to,
                  "cortexd %s: collects Palo Alto Cortex XDR data and ships it to Elasticsearch as "
                  "ECS documents\n\n"
                  "cortexd COMMAND [WORDS]\n\n",
                  CXD_VERSION);
    for (size_t i = 0; commands_all[i] != NULL; i++) {
        (void)fprintf(to, "  %-13s %s\n", commands_all[i]->name, commands_all[i]->summary);
    }
    (void)fprintf(to, "  %-13s %s\n\n", "help", "this, or the help of a command");
    (void)fprintf(to,
                  "First steps:\n"
                  "  cortexd test config -c policy.yml      is this policy right?\n"
                  "  cortexd run -c policy.yml --once       collect what is there now, then end\n"
                  "  cortexd map event < events.ndjson      see what records become\n");
    return to == stdout ? EXIT_OK : EXIT_USAGE;
}

/* The command that was meant, perhaps. */
static void command_hint(const char *name)
{
    struct cxd_option names[COMMANDS_MAX + 1] = {{.name = NULL}};
    const char *meant;

    for (size_t i = 0; commands_all[i] != NULL && i < COMMANDS_MAX; i++) {
        names[i].name = commands_all[i]->name;
    }
    meant = option_nearest(names, name);
    if (meant != NULL) {
        command_complain("there is no command \"%.100s\"; did you mean \"%s\"? (see: cortexd help)",
                         name, meant);
    } else {
        command_complain("there is no command \"%.100s\" (see: cortexd help)", name);
    }
}

static int help_print(const char *name)
{
    const struct command *c = name != NULL ? command_find(name) : NULL;

    if (name == NULL) {
        return usage_print(stdout);
    }
    if (c == NULL) {
        command_hint(name);
        return EXIT_USAGE;
    }
    return fputs(c->help, stdout) == EOF ? EXIT_PROBLEM : EXIT_OK;
}

static int wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct command *c;

    /* whoever started us may ignore the end of children, and that is inherited; ours are waited for (gate/probe.c) */
    (void)signal(SIGCHLD, SIG_DFL);
    if (argc < 2) {
        return usage_print(stderr);
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        return help_print(argc > 2 ? argv[2] : NULL);
    }
    if (strcmp(argv[1], "--version") == 0) {
        return version_run(argc - 1, argv + 1);
    }
    c = command_find(argv[1]);
    if (c == NULL || wants_help(argc, argv)) {
        return help_print(argv[1]);
    }
    return c->run(argc - 1, argv + 1);
}
