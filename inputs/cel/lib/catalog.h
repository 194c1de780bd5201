/*
 * catalog.h: all libraries, and the two sets in which they are used. Where both sets have a function of one name, kinds and
 * numbers of arguments tell them apart; what is left is decided by the order of the tables.
 */
#pragma once

#include "../lang/env.h"
#include "../lang/function.h"

/* The language with its extensions, as the specification has them. */
extern const struct function *const catalog_language[];
/* The same behind the functions of collection programs. */
extern const struct function *const catalog_agent[];

/* The tables; each ends with a row whose name is NULL. */
extern const struct function math_ext_functions[];
extern const struct function text_ext_functions[];
extern const struct function format_ext_functions[];
extern const struct function list_ext_functions[];
extern const struct function codec_ext_functions[];
extern const struct function collection_functions[];
extern const struct function path_functions[];
extern const struct function crypto_functions[];
extern const struct function go_text_functions[];
extern const struct function go_change_functions[];
extern const struct function go_split_functions[];
extern const struct function layout_functions[];
extern const struct function url_functions[];
extern const struct function request_functions[];
extern const struct function aws_functions[];
extern const struct function limit_functions[];
extern const struct function media_functions[];
extern const struct function markup_functions[];
extern const struct function attempt_functions[];
extern const struct function printf_functions[];
