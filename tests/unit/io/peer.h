/*
 * peer.h: the other side for HTTP tests, on loopback and a free port: a web server (libmicrohttpd), and a raw one whose every
 * byte is the test's own.
 *
 * The web server's paths: /bytes?n=N (that many bytes of a pattern; &chunked=1), /echo (the body comes back, with
 * X-Method and X-Length), /redirect?n=N (N times, then /bytes?n=5), /head?n=N (a head with N bytes of fields), /fields?n=N.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct web;
struct web_tls {
    const char *certificate; /* with its chain */
    const char *key;
    const char *client_ca; /* or NULL; then a client certificate is asked for and needed */
};

struct web *web_start(const struct web_tls *tls);
int web_port(const struct web *web);
unsigned web_connections(const struct web *web); /* that were ever opened */
uint64_t web_sent(const struct web *web);        /* bytes of body made by /bytes */
void web_stop(struct web *web);

/* Byte number `at` of the pattern. */
unsigned char web_byte(uint64_t at);

struct raw;
/* Called for each connection, in the server's thread, with its number (from 0). The socket is closed afterwards. */
typedef void (*raw_fn)(int fd, int number, void *arg);
struct raw *raw_start(raw_fn script, void *arg);
struct raw *raw_start_local(const char *path, raw_fn script, void *arg); /* on a socket */
int raw_port(const struct raw *raw);
void raw_stop(struct raw *raw);
/* Reads a head, up to its empty line; bytes behind it stay unread. Length, or -1. */
int raw_read_head(int fd, char *out, size_t room);
void raw_write(int fd, const char *text);
/* Until the other side has closed. */
void raw_drain(int fd);
