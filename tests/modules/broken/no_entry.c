/* no_entry.c: a library like any other. */
extern __attribute__((visibility("default"))) int no_entry_answer(void);

int no_entry_answer(void)
{
    return 42;
}
