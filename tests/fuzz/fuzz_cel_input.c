/*
 * fuzz_cel_input.c: what a server and a policy may say to the cel input. First byte: 0 a reply's body to the alerts v2 program,
 * 1 a program whose result is anything, 2 a challenge and a redirect. Nothing of it ends the process, a poll comes to an end,
 * no event is made of what is none, and all memory comes back.
 */
#include "fuzz.h"

#include "../unit/cel/rig.h"

#include "challenge.h"
#include "hop.h"
#include "profile.h"

static char reply_text[8192];

static struct fake_reply answer(const struct fake_request *request)
{
    (void)request;
    return (struct fake_reply){.body = reply_text};
}

static void text_take(const uint8_t *data, size_t size)
{
    size = size < sizeof reply_text - 1 ? size : sizeof reply_text - 1;
    memcpy(reply_text, data, size);
    reply_text[size] = '\0';
}

static void poll_all(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    for (int i = 0; i < 40; i++) {
        int result = stream_poll(rig, &wait_ms, &err);

        FUZZ_CHECK(result >= CXD_POLL_MORE && result <= CXD_POLL_WAITING);
        if (result == CXD_POLL_IDLE || result == CXD_POLL_RETRY) {
            return;
        }
        rig_later(result == CXD_POLL_WAITING ? wait_ms : 0);
    }
}

static void alerts(void)
{
    struct cxd_error err = CXD_ERROR_INIT;

    FUZZ_CHECK(rig_try_as(profile_options,
                          "{'domain':'t','api_token':'the-very-key','token_id':'7'}",
                          profile_translate, &err) == 0);
    fake.answer = answer;
    rig_headers = "Date: Tue, 14 Nov 2023 22:13:20 GMT\n";
    poll_all();
    for (size_t i = 0; i < fake.event_count; i++) {
        FUZZ_CHECK(fake.events[i][0] != '\0');
    }
    rig_close();
}

/* A program that gives back what the server says. */
static void outcome(void)
{
    static const char before[] = "state.with(get(state.url).Body.decode_json())";
    struct cxd_error err = CXD_ERROR_INIT;
    char options[256];

    (void)snprintf(options, sizeof options,
                   "{'max_executions':3,'resource':{'url':'https://h/'},'program':'%s'}", before);
    FUZZ_CHECK(rig_try_as(settings_options, options, NULL, &err) == 0);
    fake.answer = answer;
    rig_headers = NULL;
    poll_all();
    rig_close();
}

static void words(void)
{
    struct heap heap = {&fake_host, NULL};
    struct challenge c = {0};
    struct challenge_ask ask = {.user = CXD_LIT("u"),
                                .password = CXD_LIT("p"),
                                .method = CXD_LIT("GET"),
                                .uri = CXD_LIT("/"),
                                .cnonce = "00"};
    struct pool pool;
    struct text out;
    char *url;

    pool_init(&pool, 1u << 20);
    text_init(&out, &heap, 1u << 16);
    if (challenge_read(&c, reply_text)) {
        challenge_answer(&c, &ask, fake_host.sha256, &out);
        FUZZ_CHECK(out.status == 0 && strncmp(out.ptr, "Digest username=\"u\"", 19) == 0);
    }
    text_done(&out);
    url = hop_url(&pool, "https://h/a/b?c", reply_text);
    FUZZ_CHECK(url != NULL && strchr(url, '#') == NULL);
    (void)hop_is_away("https://h/a/b?c", url);
    pool_done(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    fake_reset();
    text_take(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        alerts();
        break;
    case 1:
        outcome();
        break;
    default:
        words();
    }
    fake_reset();
    FUZZ_CHECK(fake.held == 0);
    return 0;
}
