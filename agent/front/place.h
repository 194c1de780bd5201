/* place.h: where installed files lie, found from where the program lies, so that a build tree and a moved install both work. */
#pragma once

#include <stddef.h>

/* The program is a library in a foreign one: modules are looked for beside this file. Once, before all else; copied. */
void place_library(const char *path);
/* The folder of the modules that came with this program. */
int place_modules(char *out, size_t room);
/* The policy that commands read unless told otherwise: etc/cortexd/cortexd.yml of a program installed in a folder of its own,
 * else /etc/cortexd/cortexd.yml. Static memory; control's thread. */
const char *place_policy(void);
/* The folder that the program is installed in: what bin/ lies in. */
void place_home(char *out, size_t room);
/* The key of the keystore: etc/cortexd/keystore.key of a program installed in a folder of its own that has an etc/cortexd, else
 * /etc/cortexd/keystore.key. */
void place_keystore_key(char *out, size_t room);
/* A file made from the schema: "template/logs-x.json", "fields/event.md". 0 when it can be read; else CXD_NOT_FOUND. */
int place_schema(const char *name, char *out, size_t room);
