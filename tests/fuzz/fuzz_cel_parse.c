/* fuzz_cel_parse.c: any bytes are a program or an error with a text; tokens cover the source in order. */
#include "fuzz.h"
#include "lang/lex.h"
#include "lang/program.h"
#include "lib/catalog.h"

static const char *const names[] = {"state", "a.b", "x"};

static void lex_all(struct cxd_bytes source)
{
    struct lex lex;
    struct token token;
    size_t last = 0;

    lex_init(&lex, source);
    do {
        token = lex_next(&lex);
        FUZZ_CHECK(token.at >= last && lex.at <= source.len);
        FUZZ_CHECK(token.kind == TOKEN_END || token.kind == TOKEN_BAD || lex.at > last);
        FUZZ_CHECK(token.kind != TOKEN_BAD || lex.problem != NULL);
        last = lex.at;
    } while (token.kind != TOKEN_END && token.kind != TOKEN_BAD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct env envs[] = {
        {.libraries = ENV_ALL, .names = names, .name_count = 3, .functions = catalog_agent},
        {.libraries = ENV_ALL,
         .flags = ENV_STRICT,
         .names = names,
         .name_count = 3,
         .functions = catalog_language,
         .container = "a.b.c"}};
    struct cxd_bytes source = {(const char *)data, size};

    lex_all(source);
    for (size_t i = 0; i < 2; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct program *program = NULL;
        int status = program_compile(&envs[i], source, &program, &err);
        FUZZ_CHECK((status == 0) == (program != NULL));
        FUZZ_CHECK(status == 0 || err.text[0] != '\0');
        program_free(program);
    }
    return 0;
}
