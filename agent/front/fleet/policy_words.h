/* policy_words.h: the words of `cortexd policy`, for its files. */
#pragma once

#include "front/command.h"

struct policy_words {
    struct command_common common;
    const char *names[3];
    int count;
    int is_json;
    const char *key;
    const char *id;
    const char *revision;
    const char *targets;
    const char *not_before;
    const char *not_after;
};

/* policy keygen FILE: the private key there, the public one on standard output. An exit code, as the next. */
int policy_keygen(const struct policy_words *w);
/* policy sign FILE --key KEY --id POLICY_ID --revision N: writes FILE.sig. */
int policy_sign(const struct policy_words *w);
/* policy keys: the agent's own keys with their meaning. */
int policy_keys(const struct policy_words *w);
