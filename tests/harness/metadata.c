/* metadata.c: one thread, one request a connection; what is asked the wrong way is refused as the real services do. */
#include "harness/metadata.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 4096

struct answer {
    const char *line;   /* what the request begins with */
    const char *header; /* which it must have; NULL: none */
    const char *body;
};

static const struct answer answers[] = {
    {"PUT /latest/api/token ", "X-aws-ec2-metadata-token-ttl-seconds: ", "dG9rZW4="},
    {"GET /2014-02-25/dynamic/instance-identity/document ", "X-aws-ec2-metadata-token: dG9rZW4=",
     "{\"accountId\":\"123456789012\",\"imageId\":\"ami-1\",\"availabilityZone\":\"us-east-2a\","
     "\"instanceId\":\"i-0123\",\"instanceType\":\"t2.micro\",\"region\":\"us-east-2\"}"},
    {"GET /computeMetadata/v1/?recursive=true&alt=json ", "Metadata-Flavor: Google",
     "{\"instance\":{\"id\":4867326549874654,\"name\":\"collector-1\",\"machineType\":"
     "\"projects/1/machineTypes/n1-standard-1\",\"zone\":\"projects/1/zones/europe-west1-b\"},"
     "\"project\":{\"projectId\":\"my-project\"}}"},
    {"GET /metadata/instance?api-version=2021-02-01 ", "Metadata: true",
     "{\"compute\":{\"vmId\":\"vm-1\",\"name\":\"vm\",\"vmSize\":\"Standard_B1s\",\"location\":"
     "\"westeurope\",\"subscriptionId\":\"s-1\"}}"},
    {"GET /metadata/v1.json ", NULL, "{\"droplet_id\":1111111,\"region\":\"nyc3\"}"},
};

static char address[32];
static int listener = -1;

static size_t request_read(int fd, char text[REQUEST_MAX])
{
    size_t len = 0;

    while (len < REQUEST_MAX - 1) {
        ssize_t n = recv(fd, text + len, REQUEST_MAX - 1 - len, 0);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n") != NULL) {
            break;
        }
    }
    text[len] = '\0';
    return len;
}

static void request_answer(int fd)
{
    char text[REQUEST_MAX];
    char reply[2048];
    const char *status = "404 Not Found";
    const char *body = "";
    int len;

    (void)request_read(fd, text);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (strncmp(text, answers[i].line, strlen(answers[i].line)) == 0) {
            int is_allowed =
                answers[i].header == NULL || strcasestr(text, answers[i].header) != NULL;
            status = is_allowed ? "200 OK" : "401 Unauthorized";
            body = is_allowed ? answers[i].body : "";
        }
    }
    len = snprintf(reply, sizeof reply,
                   "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
                   strlen(body), body);
    (void)send(fd, reply, (size_t)len, MSG_NOSIGNAL); /* a client that is gone needs no answer */
    (void)close(fd);
}

static void *serve(void *arg)
{
    (void)arg;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) {
            request_answer(fd);
        }
    }
    return NULL;
}

static void start(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    pthread_t thread;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (const void *)&at, sizeof at) != 0 ||
        listen(listener, 16) != 0 || getsockname(listener, (void *)&at, &size) != 0 ||
        pthread_create(&thread, NULL, serve, NULL) != 0) {
        abort();
    }
    (void)pthread_detach(thread);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(at.sin_port));
}

const char *metadata_address(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, start);
    return address;
}
