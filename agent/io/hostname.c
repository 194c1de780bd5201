/* hostname.c: see the header. */
#include "io/hostname.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char name[256];

static void name_read(void)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_flags = AI_CANONNAME};
    struct addrinfo *found = NULL;
    size_t len;

    if (gethostname(name, sizeof name - 1) != 0) {
        (void)snprintf(name, sizeof name, "localhost");
    }
    /* a name of one word is no better than the one at hand */
    if (getaddrinfo(name, NULL, &hints, &found) == 0 && found->ai_canonname != NULL &&
        strchr(found->ai_canonname, '.') != NULL && strlen(found->ai_canonname) < sizeof name) {
        (void)snprintf(name, sizeof name, "%s", found->ai_canonname);
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
    len = strlen(name);
    if (len > 0 && name[len - 1] == '.') {
        name[--len] = '\0';
    }
    for (size_t i = 0; i < len; i++) {
        name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    }
}

const char *hostname_full(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, name_read);
    return name;
}
