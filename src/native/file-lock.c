/* statx */
#define _GNU_SOURCE

#include "haup_native.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool to_path(napi_env env, napi_value value, char *path) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length < 2 || length >= PATH_MAX ||
      napi_get_value_string_utf8(env, value, path, PATH_MAX, &length) != napi_ok || strlen(path) != length ||
      path[0] != '/') {
    haup_throw_argument(env, "path must be absolute, of 2 to 4095 bytes");
    return false;
  }
  return true;
}

/* A file that others may open could be locked by them: flock(2) asks for no permission beyond an open descriptor. */
static int check_owner(int fd) {
  /* Not fstat: built here, that one asks for glibc 2.33, all else for 2.28. */
  struct statx file;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_UID, &file) != 0) return errno;
  return S_ISREG(file.stx_mode) && file.stx_uid == geteuid() && (file.stx_mode & 077) == 0 ? 0 : EPERM;
}

/*
 * lockFile(path): the descriptor that holds the lock. The kernel frees it when the descriptor is closed or the process
 * ends, in whatever way. O_NONBLOCK: somebody's FIFO of that name does not hang us.
 */
napi_value haup_lock_file(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  char path[PATH_MAX];
  if (!haup_arguments(env, info, 1, &argument) || !to_path(env, argument, path)) return NULL;
  int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) return haup_throw_errno(env, errno, "open");
  const char *call = "statx";
  int problem = check_owner(fd);
  if (problem == 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
    call = "flock";
    problem = errno;
  }
  if (problem != 0) {
    close(fd);
    return haup_throw_errno(env, problem, call);
  }
  if (napi_create_int32(env, fd, &result) == napi_ok) return result;
  close(fd);
  return NULL;
}
