/* test_poll.c placeholder */
int main(void)
{
    return 0;
}
