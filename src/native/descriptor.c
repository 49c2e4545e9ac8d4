#include "haup_native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Standard streams are never ours to close. */
napi_value haup_close_descriptor(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int64_t fd;
  if (!haup_arguments(env, info, 1, &argument)) return NULL;
  if (!haup_int(env, argument, "descriptor", 3, INT32_MAX, &fd)) return NULL;
  if (haup_close((int)fd) != 0 && errno != EINTR) return haup_throw_errno(env, errno, "close");
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

static bool is_raw_socket(int fd, int protocol) {
  int type = 0, actual = 0;
  socklen_t size = sizeof(int);
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_RAW) return false;
  size = sizeof(int);
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &actual, &size) == 0 && actual == protocol;
}

/*
 * sealRawSockets(protocol): sets close-on-exec on this process's raw sockets of that protocol; returns how many it
 * found. For sockets that were opened by code that does not do so itself and does not tell the descriptor.
 */
napi_value haup_seal_raw_sockets(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int64_t protocol;
  uint32_t sealed = 0;
  if (!haup_arguments(env, info, 1, &argument)) return NULL;
  if (!haup_int(env, argument, "protocol", 1, 255, &protocol)) return NULL;
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return haup_throw_errno(env, errno, "opendir");
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    char *end;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end != '\0' || end == entry->d_name || !is_raw_socket((int)fd, (int)protocol)) continue;
    int flags = fcntl((int)fd, F_GETFD);
    if (flags >= 0 && fcntl((int)fd, F_SETFD, flags | FD_CLOEXEC) == 0) sealed++;
  }
  closedir(directory);
  return napi_create_uint32(env, sealed, &result) == napi_ok ? result : NULL;
}
