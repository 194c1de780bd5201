/*
 * bench_start.c: how long a program takes from its start to its first request: listens on loopback, starts the program with the address
 * in BENCH_URL of its environment, waits for the first bytes, and stops it.
 *
 *   bench_start TIMES COMMAND [WORDS]     prints milliseconds: the median of TIMES starts, and the least
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 100
#define LIMIT_MS 10000

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    char url[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        fail("bench_start: loopback");
    }
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(at.sin_port));
    if (setenv("BENCH_URL", url, 1) != 0) {
        fail("bench_start: environment");
    }
    return fd;
}

static int await(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, LIMIT_MS) == 1;
}

static double start_once(int fd, char **words)
{
    double start = now_ms();
    double ms = -1;
    int peer = -1;
    char first;
    pid_t pid = fork();

    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
        (void)execvp(words[0], words);
        perror(words[0]);
        _exit(127);
    }
    if (pid < 0) {
        fail("bench_start: fork");
    }
    if (await(fd) && (peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0 && await(peer) &&
        recv(peer, &first, 1, 0) == 1) {
        ms = now_ms() - start;
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    if (peer >= 0) {
        (void)close(peer);
    }
    return ms;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    long times = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    double ms[TIMES_MAX];

    if (times < 1 || times > TIMES_MAX) {
        (void)fprintf(stderr, "bench_start TIMES COMMAND [WORDS]\n");
        return 2;
    }
    for (long i = 0; i < times; i++) {
        int fd = listen_somewhere(); /* a new one, in which nothing waits from the last time */
        ms[i] = start_once(fd, argv + 2);
        (void)close(fd);
        if (ms[i] < 0) {
            (void)fprintf(stderr, "bench_start: no request within %d ms\n", LIMIT_MS);
            return 1;
        }
    }
    qsort(ms, (size_t)times, sizeof ms[0], compare);
    (void)printf("%.1f %.1f\n", ms[times / 2], ms[0]);
    return 0;
}
