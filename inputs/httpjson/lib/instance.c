/* instance.c: see the header. */
#include "lib/instance.h"

static int instance_new(const struct instance_kind *kind, const struct heap *heap,
                        void **ret_instance, struct cxd_error *err)
{
    struct heap *own = heap_alloc(heap, kind->size);

    if (own == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", kind->name);
    }
    *own = *heap;
    *ret_instance = own;
    return 0;
}

int instance_open(const struct instance_kind *kind, const struct heap *heap,
                  struct cxd_bytes options, void **ret_instance, struct cxd_error *err)
{
    void *instance = NULL;
    int status = instance_new(kind, heap, &instance, err);

    status = status < 0 ? status : kind->fill(instance, options, err);
    if (status < 0) {
        kind->close(instance);
        return status;
    }
    *ret_instance = instance;
    return 0;
}

int instance_check(const struct instance_kind *kind, const struct heap *heap,
                   struct cxd_bytes options, struct cxd_error *err)
{
    void *instance = NULL;
    int status = instance_new(kind, heap, &instance, err);

    status = status < 0 ? status : kind->check(instance, options, err);
    kind->close(instance);
    return status;
}
