#include "haup_native.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/*
 * The ioctls below work on any socket (netdevice(7)) and need no capability. It is kept from the first call on: a process
 * whose descriptors have run out can still look.
 */
static int any_socket(void) {
  static int kept = -1;
  if (kept < 0) kept = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return kept;
}

static bool set_number(napi_env env, napi_value object, const char *key, uint32_t number) {
  napi_value value;
  return napi_create_uint32(env, number, &value) == napi_ok &&
         napi_set_named_property(env, object, key, value) == napi_ok;
}

static bool set_bytes(napi_env env, napi_value object, const char *key, const void *bytes, size_t length) {
  napi_value buffer, array;
  void *data;
  if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok) return false;
  memcpy(data, bytes, length);
  return napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array) == napi_ok &&
         napi_set_named_property(env, object, key, array) == napi_ok;
}

static const char *read_interface(int fd, const char *name, int *index, struct sockaddr *hardware, unsigned *flags) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
  if (ioctl(fd, SIOCGIFINDEX, &request) != 0) return "SIOCGIFINDEX";
  *index = request.ifr_ifindex;
  if (ioctl(fd, SIOCGIFHWADDR, &request) != 0) return "SIOCGIFHWADDR";
  *hardware = request.ifr_hwaddr;
  if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) return "SIOCGIFFLAGS";
  *flags = (unsigned short)request.ifr_flags;
  return NULL;
}

napi_value haup_interface_by_name(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  char name[IFNAMSIZ];
  struct sockaddr hardware;
  int index = 0;
  unsigned flags = 0;
  if (!haup_arguments(env, info, 1, &argument) || !haup_interface_name(env, argument, name)) return NULL;
  int fd = any_socket();
  if (fd < 0) return haup_throw_errno(env, errno, "socket");
  const char *failed = read_interface(fd, name, &index, &hardware, &flags);
  int errnum = errno;
  if (failed != NULL) return haup_throw_errno(env, errnum, failed);
  if (napi_create_object(env, &result) != napi_ok || !set_number(env, result, "index", (uint32_t)index) ||
      !set_number(env, result, "hardwareType", hardware.sa_family) || !set_number(env, result, "flags", flags) ||
      !set_bytes(env, result, "hardwareAddress", hardware.sa_data, 6)) {
    return NULL;
  }
  return result;
}

napi_value haup_name_of_interface(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  int64_t index;
  struct ifreq request;
  if (!haup_arguments(env, info, 1, &argument)) return NULL;
  if (!haup_int(env, argument, "index", 1, INT32_MAX, &index)) return NULL;
  int fd = any_socket();
  if (fd < 0) return haup_throw_errno(env, errno, "socket");
  memset(&request, 0, sizeof request);
  request.ifr_ifindex = (int)index;
  if (ioctl(fd, SIOCGIFNAME, &request) != 0) return haup_throw_errno(env, errno, "SIOCGIFNAME");
  size_t length = strnlen(request.ifr_name, IFNAMSIZ);
  return napi_create_string_utf8(env, request.ifr_name, length, &result) == napi_ok ? result : NULL;
}
