/* file_bench.c: what several tests of one output share. */
#include "file_bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char folder[64];
struct cxd_error err;
struct cxd_outcome outcomes[DOCS_MAX];
struct cxd_doc docs[DOCS_MAX];
static char texts[DOCS_MAX][96];
static char ids[DOCS_MAX][32];

const struct cxd_output_ops *ops(void)
{
    return cxd_module_entry(&fake_host, NULL)->ops;
}

int open_with(bson_t *doc, void **ret_instance)
{
    int r;

    BSON_APPEND_UTF8(doc, "path", folder);
    doc = fake_options(cxd_module_entry(&fake_host, NULL)->options, doc);
    r = ops()->open(&fake_host, NULL, fake_bytes(doc), ret_instance, &err);
    bson_destroy(doc);
    return r;
}

void *open_ok(bson_t *doc)
{
    void *instance = NULL;
    int r = open_with(doc, &instance);

    if (r != CXD_OK) {
        print_error("open: %s\n", err.text);
    }
    assert_int_equal(r, CXD_OK);
    return instance;
}

/* Documents number first to first + count - 1 as a batch for one data stream. */
struct cxd_batch batch_of(const char *index, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};

    memset(outcomes, 0, sizeof outcomes);
    for (uint32_t i = 0; i < count; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "{\"n\":%u,\"text\":\"some words to fill\"}",
                           first + i);
        int id_len = snprintf(ids[i], sizeof ids[i], "id-%u", first + i);

        docs[i] = (struct cxd_doc){.source = {texts[i], (size_t)len},
                                   .id = {ids[i], (size_t)id_len},
                                   .index = {index, strlen(index)}};
        batch.bytes += (size_t)len;
    }
    return batch;
}

int send_docs(void *instance, uint32_t first, uint32_t count)
{
    struct cxd_batch batch = batch_of(INDEX, first, count);

    return ops()->send(instance, &batch, outcomes, &err);
}

uint32_t results(uint32_t count, uint32_t result)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        n += outcomes[i].result == result;
    }
    return n;
}

char *path_of(const char *name)
{
    static char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

char *slurp(const char *name, size_t *ret_len)
{
    struct stat st;
    char *text;
    int fd = open(path_of(name), O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    text = calloc(1, (size_t)st.st_size + 1);
    assert_non_null(text);
    assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
    (void)close(fd);
    if (ret_len != NULL) {
        *ret_len = (size_t)st.st_size;
    }
    return text;
}

/* The numbers 0 to count - 1 stand in the file, each once, in whole lines. */
void assert_each_once(const char *name, uint32_t count)
{
    char *text = slurp(name, NULL);
    unsigned char *seen = calloc(count, 1);
    char *rest = text;
    uint32_t lines = 0;

    assert_non_null(seen);
    for (char *end = strchr(rest, '\n'); end != NULL; end = strchr(rest, '\n')) {
        unsigned n;

        *end = '\0';
        assert_true(end > rest && end[-1] == '}');
        assert_int_equal(sscanf(rest, "{\"n\":%u,", &n), 1);
        assert_true(n < count);
        assert_int_equal(seen[n], 0);
        seen[n] = 1;
        lines++;
        rest = end + 1;
    }
    assert_string_equal(rest, "");
    assert_int_equal(lines, count);
    free(seen);
    free(text);
}

int bench_setup(void **state)
{
    (void)state;
    fake_reset();
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)snprintf(folder, sizeof folder, "/tmp/cxd-file-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

int bench_teardown(void **state)
{
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        (void)execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
    return fake.live == 0 ? 0 : -1; /* a leak fails the test */
}
