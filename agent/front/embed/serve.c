/*
 * serve.c: `cortexd embed`: the functions of cxd/embed.h for a program at the other end of two sockets, so that what happens in
 * here happens to this process alone.
 *
 * A request is its length, a number that says which function, and the arguments; the reply its length, what the function
 * returned, and what it gave. Numbers are lowest byte first. README.md has the table. One thread answers calls, another pulls; each
 * reads a request, does it, replies. One handle: the first open's. The end of the calls' socket is the end of the program.
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/little.h"
#include "base/log.h"
#include "cxd/embed.h"
#include "front/command.h"
#include "front/embed/quiet.h"
#include "front/embed/serve_apply.h"
#include "front/run/guard.h"
#include "front/signal.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLS_FD 3
#define PULLS_FD 4
#define REQUEST_MAX (16u << 20)
#define REPLY_MAX (1u << 30)
#define HEAD 8 /* of a reply: length and what was returned */
#define META 32
#define FIRST_ROOM (64u << 10)
#define END_MS 5000

enum serve_call {
    SERVE_BUILD_INFO = 1,
    SERVE_OPEN,
    SERVE_START,
    SERVE_PULL,
    SERVE_ACK,
    SERVE_REJECT,
    SERVE_WAKE,
    SERVE_STATUS,
    SERVE_APPLY,
    SERVE_ERROR,
    SERVE_STOP,
    SERVE_CLOSE,
    SERVE_APPLIED
};

static _Atomic uint64_t handle;

struct line {
    int fd;
    struct buf in;    /* a request without its length */
    struct buf reply; /* head and what follows */
    uint32_t at;      /* arguments are read up to here */
};

/* 1: all of it; 0: the other end is gone. */
static int bytes_read(int fd, char *out, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, out + at, len - at);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return 0;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    return 1;
}

static int bytes_write(int fd, const char *ptr, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, ptr + at, len - at);
        if (n < 0 && errno != EINTR) {
            return 0;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    return 1;
}

static int request_read(struct line *l)
{
    char head[4];
    uint32_t len;

    buf_clear(&l->in);
    l->at = 0;
    if (!bytes_read(l->fd, head, sizeof head)) {
        return 0;
    }
    len = little_get32(head);
    if (len < 4 || len > REQUEST_MAX || buf_reserve(&l->in, len) != CXD_OK ||
        !bytes_read(l->fd, l->in.ptr, len)) {
        return 0; /* what cannot be understood ends the talk */
    }
    l->in.len = len;
    return 1;
}

/* Arguments that are not there are 0 and empty. */
static uint32_t number_take(struct line *l)
{
    uint32_t number = 0;

    if (l->in.len - l->at >= 4) {
        number = little_get32(l->in.ptr + l->at);
        l->at += 4;
    }
    return number;
}

static uint64_t long_take(struct line *l)
{
    uint64_t low = number_take(l);

    return low | (uint64_t)number_take(l) << 32;
}

static const uint8_t *range_take(struct line *l, uint64_t *ret_len)
{
    uint32_t len = number_take(l);
    const char *ptr = l->in.ptr + l->at;

    len = len < l->in.len - l->at ? len : (uint32_t)(l->in.len - l->at);
    l->at += len;
    *ret_len = len;
    return (const uint8_t *)ptr;
}

static uint8_t *room_of(const struct line *l, size_t front)
{
    return (uint8_t *)l->reply.ptr + HEAD + front;
}

/* Room for so much behind the head; the reply then has this length. */
static int reply_grow(struct line *l, uint64_t len)
{
    buf_clear(&l->reply);
    return len <= REPLY_MAX && buf_reserve(&l->reply, HEAD + len) == CXD_OK;
}

/* A function that gives a text; asked again when there was too little room. */
static int32_t text_ask(struct line *l,
                        int32_t (*ask)(uint64_t h, uint8_t *buf, uint64_t cap, uint64_t *need),
                        uint64_t *ret_len)
{
    int32_t code = CXD_E_NOMEM;
    uint64_t need = 0;

    for (uint64_t room = FIRST_ROOM; reply_grow(l, room); room = need) {
        code = ask(atomic_load(&handle), room_of(l, 0), room, &need);
        if (code != CXD_E_TOOSMALL) {
            break;
        }
    }
    *ret_len = code == CXD_E_OK ? need : 0;
    return code;
}

static int32_t info_ask(uint64_t h, uint8_t *buf, uint64_t cap, uint64_t *need)
{
    (void)h;
    return cxd_build_info(buf, cap, need);
}

static int32_t pull(struct line *l, uint64_t *ret_len)
{
    uint32_t format = number_take(l);
    uint32_t timeout_ms = number_take(l);
    uint64_t room = l->reply.cap > HEAD + META ? l->reply.cap - HEAD - META : FIRST_ROOM;
    uint64_t meta[4] = {0};
    int32_t code = CXD_E_NOMEM;

    for (; reply_grow(l, META + room); room = meta[1]) {
        code = cxd_pull(atomic_load(&handle), format, timeout_ms, room_of(l, META), room, meta);
        if (code != CXD_E_TOOSMALL) {
            break;
        }
    }
    if (code == CXD_E_OK) {
        for (int i = 0; i < 4; i++) {
            little_put((char *)room_of(l, (size_t)i * 8), meta[i], 8);
        }
        *ret_len = META + meta[1];
    }
    return code;
}

static int32_t open_once(struct line *l)
{
    uint64_t options_len;
    uint64_t policy_len;
    const uint8_t *options = range_take(l, &options_len);
    const uint8_t *policy = range_take(l, &policy_len);
    uint64_t opened = 0;
    int32_t code;

    if (atomic_load(&handle) != 0) {
        return CXD_E_STATE;
    }
    code = cxd_open(options, options_len, policy, policy_len, &opened);
    if (code == CXD_E_OK) {
        atomic_store(&handle, opened);
    }
    return code;
}

static int32_t reject(struct line *l)
{
    uint64_t item = long_take(l);
    uint32_t number = number_take(l);
    uint64_t len;
    const uint8_t *reason = range_take(l, &len);

    return cxd_reject(atomic_load(&handle), item, number, reason, len);
}

static int32_t ack(struct line *l)
{
    uint64_t item = long_take(l);

    return cxd_ack(atomic_load(&handle), item, (int32_t)number_take(l));
}

static int32_t apply(struct line *l)
{
    uint64_t len;
    const uint8_t *policy = range_take(l, &len);

    return serve_apply_begin(atomic_load(&handle), policy, len, long_take(l));
}

/* What was asked, done; *ret_len: bytes behind the head. */
static int32_t request_do(struct line *l, uint64_t *ret_len)
{
    uint64_t h = atomic_load(&handle);

    switch (number_take(l)) {
    case SERVE_BUILD_INFO:
        return text_ask(l, info_ask, ret_len);
    case SERVE_OPEN:
        return open_once(l);
    case SERVE_START:
        return cxd_start(h);
    case SERVE_PULL:
        return pull(l, ret_len);
    case SERVE_ACK:
        return ack(l);
    case SERVE_REJECT:
        return reject(l);
    case SERVE_WAKE:
        return cxd_wake(h);
    case SERVE_STATUS:
        return text_ask(l, cxd_status, ret_len);
    case SERVE_APPLY:
        return apply(l);
    case SERVE_APPLIED:
        return serve_apply_wait(number_take(l));
    case SERVE_ERROR:
        return text_ask(l, cxd_error, ret_len);
    case SERVE_STOP:
        return cxd_stop(h, number_take(l));
    case SERVE_CLOSE:
        return cxd_close(h, number_take(l));
    default:
        return CXD_E_UNSUPPORTED;
    }
}

static void line_serve(int fd)
{
    struct line l = {.fd = fd};

    buf_init(&l.in, REQUEST_MAX);
    buf_init(&l.reply, REPLY_MAX + HEAD);
    while (request_read(&l)) {
        uint64_t len = 0;
        int32_t code = request_do(&l, &len);
        if (l.reply.cap < HEAD && !reply_grow(&l, 0)) {
            break;
        }
        little_put(l.reply.ptr, 4 + len, 4);
        little_put(l.reply.ptr + 4, (uint32_t)code, 4);
        if (!bytes_write(fd, l.reply.ptr, HEAD + len)) {
            break;
        }
    }
    if (l.in.ptr != NULL) {
        explicit_bzero(l.in.ptr, l.in.cap); /* a policy may have been in it */
    }
    buf_done(&l.in);
    buf_done(&l.reply);
}

static void *pulls_run(void *arg)
{
    line_serve(PULLS_FD);
    return arg;
}

/* A signal to stop is as if the other end had gone. */
static void calls_end(void *arg)
{
    (void)arg;
    (void)shutdown(CALLS_FD, SHUT_RDWR); /* once more does no harm */
}

static int serve(void)
{
    struct signal_watch watch;
    pthread_t pulls;

    if (signal_watch_start(&watch, calls_end, NULL) != CXD_OK ||
        pthread_create(&pulls, NULL, pulls_run, NULL) != 0) {
        command_complain("embed: no thread");
        return EXIT_PROBLEM;
    }
    line_serve(CALLS_FD);
    (void)signal_watch_end(&watch);
    (void)pthread_detach(pulls); /* it may wait for a request that nobody sends */
    guard_on(END_MS, EXIT_UNACKED);
    (void)cxd_close(atomic_load(&handle), 0); /* closed already, or what is left comes again */
    guard_off();
    log_flush();
    return EXIT_OK;
}

static int embed_run(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        command_complain("embed: takes no words (see: cortexd help embed)");
        return EXIT_USAGE;
    }
    if (lseek(CALLS_FD, 0, SEEK_CUR) >= 0 || errno != ESPIPE || lseek(PULLS_FD, 0, SEEK_CUR) >= 0 ||
        errno != ESPIPE) {
        command_complain("embed: is started by a program that gives it sockets as descriptors 3 "
                         "and 4 (see: cortexd help embed)");
        return EXIT_USAGE;
    }
    signal_setup();
    signal_no_dumps();
    quiet_to(STDERR_FILENO);
    return serve();
}

const struct command command_embed = {
    .name = "embed",
    .summary = "collect for the program that started this one",
    .help =
        "cortexd embed\n"
        "\n"
        "For programs, not for a terminal: the functions of libcortexd (cxd/embed.h) over two "
        "sockets, so that\n"
        "a module that crashes ends this process and not the program that uses it. Descriptor 3 "
        "takes calls, 4\n"
        "pulls; log lines go to standard error. The Go package in agent/shim/go does this with "
        "Options.Program.\n"
        "It ends when the other end closes descriptor 3; what was not acknowledged comes again.\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words, or no sockets; 3 a module did not come "
        "back.\n",
    .run = embed_run,
};
