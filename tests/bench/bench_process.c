/*
 * bench_process.c: runs a command and says what the kernel accounted for it: CPU and wall seconds, peak memory.
 *
 *   bench_process COMMAND [WORDS]
 *
 * Prints one line of JSON on standard output; the command's own standard output goes to standard error. SIGTERM is handed on, and
 * the account is told all the same. Exit code: the command's.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static volatile sig_atomic_t child;

static void hand_on(int number)
{
    if (child > 0) {
        (void)kill((pid_t)child, number);
    }
}

/* A signal may come in between. */
static pid_t await(pid_t pid, int *status, struct rusage *u)
{
    pid_t r;

    do {
        r = wait4(pid, status, 0, u);
    } while (r < 0 && errno == EINTR);
    return r;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    double start = now_s();
    struct rusage u;
    int status;
    pid_t pid;

    if (argc < 2) {
        (void)fprintf(stderr, "bench_process COMMAND [WORDS]\n");
        return 2;
    }
    pid = fork();
    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
        (void)execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    child = (sig_atomic_t)pid;
    (void)signal(SIGTERM, hand_on);
    if (pid < 0 || await(pid, &status, &u) != pid) {
        perror("bench_process");
        return 1;
    }
    (void)printf("{\"wall_s\":%.3f,\"user_s\":%.3f,\"sys_s\":%.3f,\"cpu_s\":%.3f,\"peak_kib\":%ld}\n", now_s() - start,
                 seconds(u.ru_utime), seconds(u.ru_stime), seconds(u.ru_utime) + seconds(u.ru_stime), u.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
