/* line.c: pieces of a line. The pieces borrow from the document, which lives longer than the write. */
#include "line.h"

#define LINE_NAME_MAX 200 /* leaves room for suffixes within the 255 bytes of a file's name */

static void add(struct iovec *parts, int *count, struct cxd_bytes bytes)
{
    parts[*count].iov_base = (void *)(uintptr_t)bytes.ptr; /* writev only reads */
    parts[*count].iov_len = bytes.len;
    (*count)++;
}

int line_parts(const struct cxd_doc *doc, int with_metadata, struct iovec parts[LINE_PARTS_MAX])
{
    int count = 0;

    if (!with_metadata) {
        add(parts, &count, doc->source);
        add(parts, &count, CXD_LIT("\n"));
        return count;
    }
    add(parts, &count, CXD_LIT("{\"_index\":\""));
    add(parts, &count, doc->index);
    if (doc->id.len > 0) {
        add(parts, &count, CXD_LIT("\",\"_id\":\""));
        add(parts, &count, doc->id);
    }
    add(parts, &count, CXD_LIT("\",\"_source\":"));
    add(parts, &count, doc->source);
    add(parts, &count, CXD_LIT("}\n"));
    return count;
}

uint64_t line_len(const struct cxd_doc *doc, int with_metadata)
{
    struct iovec parts[LINE_PARTS_MAX];
    int count = line_parts(doc, with_metadata, parts);
    uint64_t len = 0;

    for (int i = 0; i < count; i++) {
        len += parts[i].iov_len;
    }
    return len;
}

int line_is_name(struct cxd_bytes index)
{
    if (index.len == 0 || index.len > LINE_NAME_MAX) {
        return 0;
    }
    for (size_t i = 0; i < index.len; i++) {
        char c = index.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!is_plain && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
            return 0;
        }
    }
    return 1;
}
