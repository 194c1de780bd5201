/* option_rows.h: rows of option tables, and those that several inputs have in common. */
#pragma once

#include <cxd/option.h>

#define OPTION_ROW(name, type, flags, otherwise, help)                                             \
    {                                                                                              \
        name, CXD_OPTION_##type, flags, otherwise, help, NULL                                      \
    }
#define OPTION_SECRET(name, help) OPTION_ROW(name, STRING, CXD_OPTION_SECRET, NULL, help)

/* A header from a file, as lib/token_file.h reads it. */
#define OPTION_TOKEN_FILE_ROWS                                                                     \
    OPTION_ROW("auth.file.enabled", BOOL, 0, NULL, "A header from a file"),                        \
        OPTION_ROW("auth.file.path", STRING, 0, NULL,                                              \
                   "The file; nobody else may be able to read it"),                                \
        OPTION_ROW("auth.file.header", STRING, 0, "Authorization", "Name of the header"),          \
        OPTION_ROW("auth.file.prefix", STRING, 0, NULL, "Text before the file's"),                 \
        OPTION_ROW("auth.file.refresh_interval", DURATION, 0, "1m",                                \
                   "How often the file is read anew"),                                             \
        OPTION_ROW("auth.file.relaxed_permissions", BOOL, CXD_OPTION_ADVANCED, "false",            \
                   "Accept a file that others can read")

/* A file of lines, as lib/logbook.h keeps it. */
#define OPTION_LOGBOOK_ROWS(where)                                                                 \
    OPTION_ROW(where ".filename", STRING, 0, NULL,                                                 \
               "File, * is the stream's time of start in ms; relative: below the log folder"),     \
        OPTION_ROW(where ".maxsize", INT, 0, "1", "Megabytes of a file, 1 to 1024"),               \
        OPTION_ROW(where ".maxage", INT, 0, "0", "Days that old files are kept; 0: any"),          \
        OPTION_ROW(where ".maxbackups", INT, 0, "1", "Old files kept, 0 to 100"),                  \
        OPTION_ROW(where ".localtime", BOOL, CXD_OPTION_ADVANCED, "false",                         \
                   "Local time in the names of old files, instead of UTC"),                        \
        OPTION_ROW(where ".compress", BOOL, CXD_OPTION_ADVANCED, "false", "Old files are gzipped")

/* Connections that are kept. */
#define OPTION_IDLE_ROWS(where)                                                                    \
    OPTION_ROW(where ".keep_alive.max_idle_connections", INT, CXD_OPTION_ADVANCED, NULL,           \
               "Connections kept for further use; 16"),                                            \
        OPTION_ROW(                                                                                \
            where ".keep_alive.max_idle_connections_per_host", INT, CXD_OPTION_ADVANCED, NULL,     \
            "Accepted: a stream's requests go one by one, so there is never more than one"),       \
        OPTION_ROW(where ".keep_alive.idle_connection_timeout", DURATION, CXD_OPTION_ADVANCED,     \
                   NULL, "A connection unused for so long is not used again; 118s")

/* Signing in by OAuth 2.0, as auth.h does it. */
#define OPTION_OAUTH2_ROWS                                                                         \
    OPTION_ROW("auth.oauth2.enabled", BOOL, 0, NULL, "OAuth 2.0"),                                 \
        OPTION_ROW("auth.oauth2.provider", STRING, 0, NULL,                                        \
                   "azure, google or okta; without it a plain token endpoint"),                    \
        OPTION_ROW("auth.oauth2.client.id", STRING, 0, NULL, "Client id"),                         \
        OPTION_SECRET("auth.oauth2.client.secret", "Client secret"),                               \
        OPTION_ROW("auth.oauth2.user", STRING, 0, NULL, "User, for the password grant"),           \
        OPTION_SECRET("auth.oauth2.password", "Password, for the password grant"),                 \
        OPTION_ROW("auth.oauth2.scopes", STRING_LIST, 0, NULL, "Scopes asked for"),                \
        OPTION_ROW("auth.oauth2.token_url", STRING, 0, NULL, "Token endpoint"),                    \
        OPTION_ROW("auth.oauth2.endpoint_params", ANY, 0, NULL,                                    \
                   "Further parameters of the token request"),                                     \
        OPTION_ROW("auth.oauth2.azure.tenant_id", STRING, 0, NULL,                                 \
                   "Azure tenant, when there is no token_url"),                                    \
        OPTION_ROW("auth.oauth2.azure.resource", STRING, 0, NULL, "Azure resource"),               \
        OPTION_ROW("auth.oauth2.google.credentials_file", STRING, 0, NULL,                         \
                   "Service-account key file"),                                                    \
        OPTION_SECRET("auth.oauth2.google.credentials_json", "Service-account key as JSON"),       \
        OPTION_ROW("auth.oauth2.google.jwt_file", STRING, 0, NULL, "Service-account key file"),    \
        OPTION_SECRET("auth.oauth2.google.jwt_json", "Service-account key as JSON"),               \
        OPTION_ROW("auth.oauth2.google.delegated_account", STRING, 0, NULL, "Account to act for"), \
        OPTION_ROW("auth.oauth2.okta.jwk_file", STRING, 0, NULL,                                   \
                   "File with the private key as JWK"),                                            \
        OPTION_SECRET("auth.oauth2.okta.jwk_json", "Private key as JWK"),                          \
        OPTION_SECRET("auth.oauth2.okta.jwk_pem", "Private key in PEM"),                           \
        OPTION_SECRET("auth.oauth2.okta.dpop_key_pem",                                             \
                      "Private key in PEM that tokens are bound to (DPoP), RSA or EC P-256")
