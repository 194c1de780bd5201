/* offsets.c: what another language has to know of the headers, said by the C compiler. */
#include <cxd/module.h>

#include <stdio.h>

int main(void)
{
    size_t root = offsetof(struct cxd_host, event_root);
    size_t log = offsetof(struct cxd_host, log);

    return printf("const UPTO_ROOT: usize = %zu;\nconst OFFSET_ROOT: usize = %zu;\n"
                  "const OFFSET_PUT: usize = %zu;\nconst SIZE_MODULE: usize = %zu;\n"
                  "const SIZE_OPTION: usize = %zu;\nconst SIZE_VALUE: usize = %zu;\n"
                  "const ABI: u32 = %u;\nconst BUILD: &[u8] = b\"%s\\0\";\n",
                  (root - log) / sizeof(void *) - 1, root, offsetof(struct cxd_host, node_put),
                  sizeof(struct cxd_module), sizeof(struct cxd_option), sizeof(struct cxd_value),
                  CXD_ABI, CXD_BUILD) < 0;
}
