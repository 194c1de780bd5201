/* input.h: `cortexd test input`: streams asked for a few records, without state and without delivery. Control's thread. */
#pragma once

struct agent_stream;

struct input_test {
    const char *stream; /* id; NULL: all */
    unsigned show;      /* mapped documents to print, of each stream */
    int is_json;
};

/* 1: the stream's source was reached and gave what can be mapped (or had nothing new). */
int input_ask(struct agent_stream *s, const struct input_test *test);
