/*
 * completion.c: `cortexd completion`: what shells offer behind a command, taken from the usage lines of the commands' own help,
 * so that it cannot say anything else.
 */
#include "base/buf.h"
#include "cxd/status.h"
#include "front/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 4096

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

static int has_word(const struct buf *words, const char *word, size_t len)
{
    for (size_t at = 0; at < words->len;) {
        const char *blank = memchr(words->ptr + at, ' ', words->len - at);
        size_t other = blank != NULL ? (size_t)(blank - (words->ptr + at)) : words->len - at;
        if (other == len && memcmp(words->ptr + at, word, len) == 0) {
            return 1;
        }
        at += other + 1;
    }
    return 0;
}

static int word_add(struct buf *words, const char *word, size_t len)
{
    int r = CXD_OK;

    if (has_word(words, word, len)) {
        return r;
    }
    r = words->len > 0 ? buf_add(words, " ", 1) : r;
    return r != CXD_OK ? r : buf_add(words, word, len);
}

static size_t word_len(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && (isalnum((unsigned char)*at) || *at == '-' || *at == '_' || *at == '.')) {
        at++;
    }
    return (size_t)(at - from);
}

/* One usage line behind "cortexd NAME ": its actions (lower case, also a|b) and its options. */
static int line_read(const char *at, const char *end, struct buf *words)
{
    int is_action = 1;
    int r = CXD_OK;

    while (at < end && r == CXD_OK) {
        size_t len = word_len(at, end);
        if (len == 0) {
            is_action = is_action && *at == '|';
            at++;
            continue;
        }
        if ((is_action && islower((unsigned char)*at)) || *at == '-') {
            r = word_add(words, at, len);
        }
        is_action = at[len] == '|';
        at += len;
    }
    return r;
}

static int completion_words(const struct command *c, struct buf *words)
{
    char start[64];
    int start_len = snprintf(start, sizeof start, "cortexd %s ", c->name);
    int r = CXD_OK;

    for (const char *at = c->help; at != NULL && r == CXD_OK;) {
        const char *newline = strchr(at, '\n');
        const char *end = newline != NULL ? newline : at + strlen(at);
        if (strncmp(at, start, (size_t)start_len) == 0) {
            r = line_read(at + start_len, end, words);
        }
        at = newline != NULL ? newline + 1 : NULL;
    }
    return r != CXD_OK ? r : word_add(words, "--help", 6);
}

static void names_print(void)
{
    for (size_t i = 0; commands_all[i] != NULL; i++) {
        (void)printf("%s ", commands_all[i]->name);
    }
    (void)fputs("help", stdout);
}

static void head_print(enum shell shell)
{
    static const char *const heads[] = {
        "# bash completion of cortexd\n"
        "_cortexd() {\n"
        "  local words=\n"
        "  COMPREPLY=()\n"
        "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
        "    -c | --config | --stats | --path.data | --modules | --options | --events | --expect | "
        "--replies | --state)\n"
        "      mapfile -t COMPREPLY < <(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
        "      return ;;\n"
        "  esac\n"
        "  case ${COMP_CWORD},${COMP_WORDS[1]} in\n",
        "#compdef cortexd\n"
        "local words_of\n"
        "case $CURRENT,$words[2] in\n",
        "# fish completion of cortexd\n"};
    (void)fputs(heads[shell], stdout);
    if (shell == SHELL_FISH) {
        (void)fputs("complete -c cortexd -n __fish_use_subcommand -f -a '", stdout);
        names_print();
        (void)fputs("'\n", stdout);
    } else {
        (void)printf("    1,*) %s='", shell == SHELL_BASH ? "words" : "words_of");
        names_print();
        (void)fputs("' ;;\n", stdout);
    }
}

static void command_print(enum shell shell, const struct command *c, const struct buf *words)
{
    if (shell == SHELL_FISH) {
        (void)printf("complete -c cortexd -n '__fish_seen_subcommand_from %s' -a '%.*s'\n", c->name,
                     (int)words->len, words->ptr);
    } else {
        (void)printf("    *,%s) %s='%.*s' ;;\n", c->name,
                     shell == SHELL_BASH ? "words" : "words_of", (int)words->len, words->ptr);
    }
}

static void tail_print(enum shell shell)
{
    static const char *const tails[] = {
        "  esac\n"
        "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
        "}\n"
        "complete -o bashdefault -o default -F _cortexd cortexd\n",
        "esac\n"
        "compadd -- ${=words_of}\n"
        "(( CURRENT > 2 )) && _files\n",
        ""};
    (void)fputs(tails[shell], stdout);
}

static int completion_run(int argc, char **argv)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    enum shell shell = SHELL_BASH;
    int r = CXD_OK;

    while (argc == 2 && shell <= SHELL_FISH && strcmp(argv[1], shells[shell]) != 0) {
        shell++;
    }
    if (argc != 2 || shell > SHELL_FISH) {
        command_complain("completion: expected bash, zsh or fish (see: cortexd help completion)");
        return EXIT_USAGE;
    }
    head_print(shell);
    for (size_t i = 0; commands_all[i] != NULL && r == CXD_OK; i++) {
        struct buf words;
        buf_init(&words, WORDS_MAX);
        r = completion_words(commands_all[i], &words);
        command_print(shell, commands_all[i], &words);
        buf_done(&words);
    }
    tail_print(shell);
    return r == CXD_OK && fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "print a shell's completion of these commands",
    .help = "cortexd completion bash|zsh|fish\n"
            "\n"
            "  bash  source <(cortexd completion bash)\n"
            "  zsh   cortexd completion zsh > a folder of $fpath, named _cortexd\n"
            "  fish  cortexd completion fish > ~/.config/fish/completions/cortexd.fish\n"
            "\n"
            "Exit codes: 0 done; 2 wrong words.\n",
    .run = completion_run,
};
