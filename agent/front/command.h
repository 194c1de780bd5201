/* command.h: the commands of the program. Each gets its own words (argv[0] is the command) and returns an exit code. */
#pragma once

enum {
    EXIT_OK = 0,
    EXIT_PROBLEM =
        1, /* policy, module or destination: the line on standard error says what to do */
    EXIT_USAGE = 2,
    EXIT_UNACKED = 3 /* stopped with documents unacknowledged: nothing is lost, they come again */
};

struct command {
    const char *name;
    const char *summary;
    const char *help; /* whole text for `cortexd help NAME` */
    int (*run)(int argc, char **argv);
};

extern const struct command command_run;
extern const struct command command_keystore;
extern const struct command command_map;
extern const struct command command_modules;
extern const struct command command_policy;
extern const struct command command_test;
extern const struct command command_export;
extern const struct command command_deadletter;
extern const struct command command_cel;
extern const struct command command_check_module;
extern const struct command command_component;
extern const struct command command_embed;
extern const struct command command_new_module;
extern const struct command command_state;
extern const struct command command_status;
extern const struct command command_top;

extern const struct command command_completion;
extern const struct command *const commands_all[]; /* of main.c; ends with NULL */

/* Prints "cortexd: text" on standard error, the redactor passed. */
__attribute__((format(printf, 1, 2))) void command_complain(const char *format, ...);

/* Options that several commands have: -c FILE, --modules DIR, --path.data DIR. 1: taken (and *at moved), 0: not one, -1: wrong. */
struct command_common {
    const char *policy;
    const char *data_path;
    const char *modules[9]; /* ends with NULL */
};
int command_common_take(struct command_common *c, int argc, char **argv, int *at);
