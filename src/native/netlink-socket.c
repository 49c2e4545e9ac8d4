#include "haup_native.h"

#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

static bool is_netlink_socket(int fd, int protocol, uint32_t port) {
  struct sockaddr_nl address;
  socklen_t size = sizeof address;
  int actual = -1;
  memset(&address, 0, sizeof address);
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 || address.nl_family != AF_NETLINK) return false;
  size = sizeof actual;
  return address.nl_pid == port && getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &actual, &size) == 0 && actual == protocol;
}

static int find_netlink_socket(int protocol, uint32_t port) {
  int found = -1;
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return -1;
  for (struct dirent *entry = readdir(directory); entry != NULL && found < 0; entry = readdir(directory)) {
    char *end;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end == '\0' && end != entry->d_name && is_netlink_socket((int)fd, protocol, port)) found = (int)fd;
  }
  closedir(directory);
  if (found < 0) errno = ENOENT;
  return found;
}

/*
 * surviveOverflow(protocol, port): the netlink socket of this process with that port reports lost events no more as an
 * error of the socket (NETLINK_NO_ENOBUFS), which ends the process in code that is not ours. Returns its descriptor, for
 * netlinkDrops.
 */
napi_value haup_survive_overflow(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  int64_t protocol, port;
  int on = 1;
  if (!haup_arguments(env, info, 2, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "protocol", 0, 255, &protocol)) return NULL;
  if (!haup_int(env, arguments[1], "port", 1, UINT32_MAX, &port)) return NULL;
  int fd = find_netlink_socket((int)protocol, (uint32_t)port);
  if (fd < 0) return haup_throw_errno(env, errno, "opendir");
  if (setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on) != 0) {
    return haup_throw_errno(env, errno, "setsockopt");
  }
  return napi_create_int32(env, fd, &result) == napi_ok ? result : NULL;
}

/*
 * allowNetlinkMessages(protocol, port, bytes): the netlink socket of this process with that port sends datagrams of about so
 * many bytes, also beyond net.core.wmem_max. Needs CAP_NET_ADMIN (else EPERM).
 */
napi_value haup_allow_netlink_messages(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  int64_t protocol, port, bytes;
  if (!haup_arguments(env, info, 3, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "protocol", 0, 255, &protocol)) return NULL;
  if (!haup_int(env, arguments[1], "port", 1, UINT32_MAX, &port)) return NULL;
  if (!haup_int(env, arguments[2], "bytes", 1, INT32_MAX / 2, &bytes)) return NULL;
  int fd = find_netlink_socket((int)protocol, (uint32_t)port);
  int size = (int)bytes;
  if (fd < 0) return haup_throw_errno(env, errno, "opendir");
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) {
    return haup_throw_errno(env, errno, "setsockopt");
  }
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

/* netlinkDrops(descriptor): how many messages the kernel could not queue so far. */
napi_value haup_netlink_drops(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int64_t fd;
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  if (!haup_arguments(env, info, 1, &argument)) return NULL;
  if (!haup_int(env, argument, "descriptor", 0, INT32_MAX, &fd)) return NULL;
  if (getsockopt((int)fd, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0) return haup_throw_errno(env, errno, "getsockopt");
  return napi_create_uint32(env, memory[SK_MEMINFO_DROPS], &result) == napi_ok ? result : NULL;
}
