/*
 * replay.c: the driver of a fuzz target where libFuzzer is not.
 *
 *   fuzz_x CORPUS_OR_FILE [mutations [seconds [seed]]]
 *
 * Runs every file, then that many mutations of them, or fewer when the time is over. The input that fails is written to
 * crash-NAME in the working directory, and the same seed repeats it.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 4096
#define INPUT_MAX ((size_t)1 << 20)

struct input {
    uint8_t *data;
    size_t size;
};

static struct input files[FILES_MAX];
static size_t file_count;
static struct input current; /* for the signal handler */
static char crash_path[256];
static uint64_t random_state;

static void on_abort(int number)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0) {
        ssize_t written = write(fd, current.data, current.size);
        (void)written; /* the process is dying: there is nothing better to do */
        (void)close(fd);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static uint64_t random_next(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15ull); /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static size_t random_below(size_t limit)
{
    return limit > 0 ? (size_t)(random_next() % limit) : 0;
}

static uint8_t *must_alloc(size_t size)
{
    uint8_t *data = malloc(size > 0 ? size : 1);

    if (data == NULL) {
        perror("replay");
        exit(2);
    }
    return data;
}

/* The target gets a block of exactly the size, so that a sanitizer sees a read past the end. */
static void run(const uint8_t *data, size_t size)
{
    current.data = must_alloc(size);
    current.size = size;
    if (size > 0) {
        memcpy(current.data, data, size);
    }
    (void)LLVMFuzzerTestOneInput(current.data, size); /* always 0 */
    free(current.data);
    current = (struct input){0};
}

static void file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = must_alloc(INPUT_MAX);

    if (file == NULL || file_count == FILES_MAX) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        exit(2);
    }
    files[file_count].size = fread(data, 1, INPUT_MAX, file);
    files[file_count].data = data;
    file_count++;
    (void)fclose(file); /* only read */
}

static void files_read(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char full[1024];

    if (dir == NULL) {
        file_read(path);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        struct stat st;
        (void)snprintf(full, sizeof full, "%s/%s", path,
                       entry->d_name); /* a cut name is not found */
        if (stat(full, &st) == 0 && S_ISREG(st.st_mode)) {
            file_read(full);
        }
    }
    (void)closedir(dir); /* only read */
}

/* The pieces that JSON and most of what we read are made of. */
static const char *const tokens[] = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u",
    "\\ud83d\\ude00",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e9",
    "0.5",
    "\"\"",
    "{}",
    "[]",
    "\n",
    " ",
    "\xc3\xa9",
    "\xf0\x9f\x98\x80",
    "\\n",
    "\\\\",
    "\\\"",
    "\"a\":",
    "NaN",
    "\x7f",
    "\xed\xa0\x80",
    "\t",
};

/* data has room for INPUT_MAX bytes. */
static size_t piece_insert(uint8_t *data, size_t size, const uint8_t *piece, size_t len)
{
    size_t at = random_below(size + 1);

    if (len > INPUT_MAX - size) {
        return size;
    }
    memmove(data + at + len, data + at, size - at);
    memcpy(data + at, piece, len);
    return size + len;
}

static size_t range_drop(uint8_t *data, size_t size)
{
    size_t at = random_below(size);
    size_t len = 1 + random_below(size - at < 8 ? size - at : 8);

    len = len < size - at ? len : size - at;
    memmove(data + at, data + at + len, size - at - len);
    return size - len;
}

static size_t mutate(uint8_t *data, size_t size)
{
    const struct input *other = &files[random_below(file_count)];
    const char *token = tokens[random_below(sizeof tokens / sizeof tokens[0])];
    size_t from;

    switch (random_below(size > 0 ? 6 : 2)) {
    case 0:
        return piece_insert(data, size, (const uint8_t *)token, strlen(token));
    case 1:
        from = random_below(other->size);
        return piece_insert(data, size, other->data + from,
                            random_below(other->size - from + 1) % 64);
    case 2:
        data[random_below(size)] ^= (uint8_t)(1u << random_below(8));
        return size;
    case 3:
        data[random_below(size)] = (uint8_t)random_next();
        return size;
    case 4:
        return range_drop(data, size);
    default:
        return random_below(8) == 0 ? random_below(size + 1) : range_drop(data, size);
    }
}

static size_t mutations_run(size_t count, time_t seconds, uint64_t seed)
{
    uint8_t *data = must_alloc(INPUT_MAX);
    time_t stop = time(NULL) + seconds;
    size_t i;

    for (i = 0; i < count && (i % 256 != 0 || time(NULL) < stop); i++) {
        const struct input *file;
        size_t steps;
        size_t size;
        random_state = seed + i * 0x1000003; /* each mutation depends on its number alone */
        file = &files[random_below(file_count)];
        size = file->size;
        steps = 1 + random_below(6);
        memcpy(data, file->data, size);
        for (; steps > 0; steps--) {
            size = mutate(data, size);
        }
        run(data, size);
    }
    free(data);
    return i;
}

static uint64_t number_of(int argc, char **argv, int index, uint64_t otherwise)
{
    return index < argc ? (uint64_t)strtoull(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    uint64_t seed = number_of(argc, argv, 4, 1);
    size_t mutations;

    if (argc < 2) {
        fprintf(stderr, "usage: %s CORPUS_OR_FILE [mutations [seconds [seed]]]\n", argv[0]);
        return 2;
    }
    (void)snprintf(crash_path, sizeof crash_path, "crash-%s", name != NULL ? name + 1 : argv[0]);
    (void)signal(SIGABRT, on_abort);
    files_read(argv[1]);
    for (size_t i = 0; i < file_count; i++) {
        run(files[i].data, files[i].size);
    }
    if (file_count == 0) {
        fprintf(stderr, "replay: %s is empty\n", argv[1]);
        return 2;
    }
    mutations = mutations_run((size_t)number_of(argc, argv, 2, 0),
                              (time_t)number_of(argc, argv, 3, 10), seed);
    printf("%zu files, %zu mutations, seed %llu\n", file_count, mutations,
           (unsigned long long)seed);
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].data);
    }
    return 0;
}
