/* rotate.c: numbers only grow, so nothing but the full file itself is ever renamed. */
#include "rotate.h"

#include "fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

/* The number behind "FILE.", or 0 when the name is another one. */
static uint32_t name_number(const char *name, const char *file, size_t file_len)
{
    uint64_t number = 0;

    if (strncmp(name, file, file_len) != 0 || name[file_len] != '.') {
        return 0;
    }
    name += file_len + 1;
    if (strlen(name) < 8) {
        return 0;
    }
    for (; *name != '\0'; name++) {
        if (*name < '0' || *name > '9' || number > UINT32_MAX / 10) {
            return 0;
        }
        number = number * 10 + (uint64_t)(*name - '0');
    }
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static DIR *folder_list(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (dir == NULL) {
        fd_close(&fd);
    }
    return dir;
}

/* The highest number in use; files numbered up to `drop` are deleted on the way. */
static int walk(int folder, const char *file, uint32_t drop, uint32_t *ret_highest,
                struct cxd_error *err)
{
    size_t file_len = strlen(file);
    DIR *dir = folder_list(folder);

    if (dir == NULL) {
        return fd_error(err, "list the folder of", file);
    }
    *ret_highest = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        uint32_t number = name_number(entry->d_name, file, file_len);

        if (number > 0 && number <= drop) {
            (void)unlinkat(folder, entry->d_name, 0); /* tried again at the next turn */
        }
        *ret_highest = number > *ret_highest ? number : *ret_highest;
    }
    (void)closedir(dir);
    return CXD_OK;
}

int rotate_file(int folder, const char *file, uint32_t files_max, struct cxd_error *err)
{
    char next[300];
    uint32_t highest = 0;
    int r = walk(folder, file, 0, &highest, err);

    if (r != CXD_OK) {
        return r;
    }
    (void)snprintf(next, sizeof next, "%s.%08u", file, highest + 1);
    if (renameat(folder, file, folder, next) != 0) {
        return fd_error(err, "rename", file);
    }
    if (fsync(folder) != 0) {
        return fd_error(err, "sync the folder of", file);
    }
    if (files_max > 0 && highest + 1 >= files_max) {
        r = walk(folder, file, highest + 2 - files_max, &highest, err);
    }
    return r;
}
