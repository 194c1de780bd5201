/* catalog.c: the order in which tables are searched. */
#include "catalog.h"

#include "address.h"
#include "json_text.h"
#include "regex.h"

#define LANGUAGE                                                                                   \
    standard_functions, standard_time_functions, optional_functions, regex_functions,              \
        text_ext_functions, format_ext_functions, math_ext_functions, list_ext_functions,          \
        codec_ext_functions, address_functions

#define AGENT                                                                                      \
    go_text_functions, go_change_functions, go_split_functions, collection_functions,              \
        path_functions, crypto_functions, json_text_functions, layout_functions, url_functions,    \
        request_functions, aws_functions, limit_functions, media_functions, markup_functions,                     \
        regex_named_functions, attempt_functions, printf_functions

const struct function *const catalog_language[] = {LANGUAGE, NULL};
const struct function *const catalog_agent[] = {AGENT, LANGUAGE, NULL};
