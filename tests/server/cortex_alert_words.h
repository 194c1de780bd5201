#pragma once
/* What alerts can be about. Constant. */

enum cortex_topic { TOPIC_PROCESS, TOPIC_FILE, TOPIC_REGISTRY, TOPIC_NETWORK, TOPIC_MAIL };

struct cortex_alert_words {
    const char *name, *category, *source, *severity, *event_type;
    const char *tactic, *technique; /* NULL: none */
    const char *action, *action_pretty;
    enum cortex_topic topic;
};

enum { CORTEX_ALERT_WORDS = 12 };
extern const struct cortex_alert_words cortex_alert_words[CORTEX_ALERT_WORDS];
