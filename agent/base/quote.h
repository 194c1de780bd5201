/*
 * quote.h: escaping by shuffles, for text.c alone: sixteen bytes at a time, however many of them take a backslash. Any thread.
 */
#pragma once

#define QUOTE_BLOCK 16 /* bytes taken at once */
#define QUOTE_NEED 32  /* bytes of the text that must be left for that */

#if defined(CXD_AVX2)
/*
 * Escapes while QUOTE_NEED bytes are left and the next QUOTE_BLOCK have no control character and nothing but ASCII; *text is
 * where it stopped. More is stored than counts, but never more than the rest of the text takes. Only where AVX2 is there.
 */
char *quote_shuffle(const char **text, const char *end, char *out);
#endif
