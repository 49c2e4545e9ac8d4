#include "haup_native.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* One unbound socket sends to any number of names. It receives nothing. */
napi_value haup_open_unix_datagram_socket(napi_env env, napi_callback_info info) {
  napi_value result;
  if (!haup_arguments(env, info, 0, NULL)) return NULL;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return haup_throw_errno(env, errno, "socket");
  return napi_create_int32(env, fd, &result) == napi_ok ? result : NULL;
}

/* `/path`, or `@name` for an abstract one, as sd_notify(3) writes them. */
static bool to_address(napi_env env, napi_value value, struct sockaddr_un *address, socklen_t *size) {
  char name[sizeof address->sun_path];
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length < 2 || length >= sizeof name ||
      napi_get_value_string_utf8(env, value, name, sizeof name, &length) != napi_ok || strlen(name) != length ||
      (name[0] != '/' && name[0] != '@')) {
    haup_throw_argument(env, "name must be an absolute path or @NAME, of 2 to 107 bytes");
    return false;
  }
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, name, length);
  if (name[0] == '@') address->sun_path[0] = '\0';
  /* The name of an abstract socket is exactly as long as it is said to be; a path ends in NUL. */
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] == '/'));
  return true;
}

/* sendUnixDatagram(descriptor, name, data) */
napi_value haup_send_unix_datagram(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  int64_t fd;
  void *data;
  size_t length;
  struct sockaddr_un to;
  socklen_t size;
  if (!haup_arguments(env, info, 3, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "descriptor", 0, INT32_MAX, &fd)) return NULL;
  if (!to_address(env, arguments[1], &to, &size)) return NULL;
  if (!haup_bytes(env, arguments[2], "data", 1, 65535, &data, &length)) return NULL;
  ssize_t sent;
  do {
    sent = sendto((int)fd, data, length, MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return haup_throw_errno(env, errno, "sendto");
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}
