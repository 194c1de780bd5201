#pragma once
/*
 * What invented endpoint events are made of: constant word lists, already escaped for JSON. Every list ends with NULL.
 */
struct word_program {
    const char *path; /* folder, JSON-escaped, with its last separator */
    const char *name;
    const char *vendor; /* NULL: unsigned */
    int linux_host;
};

extern const struct word_program words_program[]; /* ends with path NULL */
extern const char *const words_windows_argument[];
extern const char *const words_linux_argument[];
extern const char *const words_windows_file[];
extern const char *const words_linux_file[];
extern const char *const words_registry_key[];
extern const char *const words_registry_value[];
extern const char *const words_domain[];
extern const char *const words_first_name[];
extern const char *const words_last_name[];
extern const char *const words_module[];
