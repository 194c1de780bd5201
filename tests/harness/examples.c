/* examples.c: lines to blocks. */
#include "harness/examples.h"

#include "harness/metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct page {
    const char *path;
    FILE *file;
    char *line;
    size_t room;
    int number;
    char title[128];
    struct example *examples;
    size_t count;
};

static void page_fail(const struct page *page, const char *what)
{
    (void)fprintf(stderr, "%s:%d: %s\n", page->path, page->number, what);
    abort();
}

static int line_next(struct page *page)
{
    page->number++;
    return getline(&page->line, &page->room, page->file) >= 0;
}

/* Up to the closing fence. */
static char *block_read(struct page *page)
{
    char *text = calloc(1, 1);
    size_t len = 0;

    while (line_next(page)) {
        size_t more = strlen(page->line);
        if (strncmp(page->line, "```", 3) == 0) {
            return text;
        }
        text = realloc(text, len + more + 1);
        memcpy(text + len, page->line, more + 1);
        len += more;
    }
    page_fail(page, "a block without an end");
    return NULL;
}

static void title_read(struct page *page)
{
    const char *start = page->line + 3 + strspn(page->line + 3, " `");

    (void)snprintf(page->title, sizeof page->title, "%.*s", (int)strcspn(start, " `\n"), start);
}

/* The policy with the address of our metadata service, where it names the real one. */
static char *service_put(char *yaml)
{
    static const char real[] = "169.254.169.254";
    char *at = strstr(yaml, real);
    char *text = NULL;

    if (at == NULL) {
        return yaml;
    }
    *at = '\0';
    if (asprintf(&text, "%s%s%s", yaml, metadata_address(), at + sizeof real - 1) < 0) {
        abort();
    }
    free(yaml);
    return text;
}

static void block_put(struct page *page, const char *language)
{
    struct example *last = page->count > 0 ? &page->examples[page->count - 1] : NULL;

    if (strcmp(language, "yaml\n") == 0) {
        if (last != NULL && last->out == NULL && last->error == NULL) {
            page_fail(page, "the example before has no result");
        }
        page->examples = realloc(page->examples, (page->count + 1) * sizeof *page->examples);
        last = &page->examples[page->count++];
        *last = (struct example){.title = strdup(page->title), .line = page->number};
        last->yaml = service_put(block_read(page));
    } else if (last == NULL || last->out != NULL || last->error != NULL) {
        page_fail(page, "a block that follows no policy");
    } else if (strcmp(language, "text\n") == 0) {
        last->error = block_read(page);
        last->error[strcspn(last->error, "\n")] = '\0';
    } else if (strcmp(language, "json\n") == 0) {
        *(last->in == NULL ? &last->in : &last->out) = block_read(page);
    } else {
        page_fail(page, "a block that is none of yaml, json, text");
    }
}

size_t examples_read(const char *path, struct example **ret_examples)
{
    struct page page = {.path = path};
    char full[1024];

    (void)snprintf(full, sizeof full, "%s/%s", getenv("CXD_SOURCE_DIR"), path);
    page.file = fopen(full, "r");
    if (page.file == NULL) {
        page_fail(&page, "cannot be read");
    }
    while (line_next(&page)) {
        char language[32];
        if (strncmp(page.line, "## ", 3) == 0) {
            title_read(&page);
        } else if (strncmp(page.line, "```", 3) == 0) {
            (void)snprintf(language, sizeof language, "%s", page.line + 3);
            block_put(&page, language);
        }
    }
    if (page.count > 0 && page.examples[page.count - 1].out == NULL &&
        page.examples[page.count - 1].error == NULL) {
        page_fail(&page, "the last example has no result");
    }
    free(page.line);
    (void)fclose(page.file);
    *ret_examples = page.examples;
    return page.count;
}

void examples_free(struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(examples[i].title);
        free(examples[i].yaml);
        free(examples[i].in);
        free(examples[i].out);
        free(examples[i].error);
    }
    free(examples);
}
