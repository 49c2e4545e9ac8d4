#include "haup_native.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

/* Protocol 0: the socket receives nothing, it only sends (packet(7)). Needs CAP_NET_RAW. */
napi_value haup_open_packet_socket(napi_env env, napi_callback_info info) {
  napi_value result;
  if (!haup_arguments(env, info, 0, NULL)) return NULL;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return haup_throw_errno(env, errno, "socket");
  fd = haup_slow_descriptor(fd);
  return napi_create_int32(env, fd, &result) == napi_ok ? result : NULL;
}

/* sendFrame(descriptor, interfaceIndex, frame): the frame begins with its Ethernet header. */
napi_value haup_send_frame(napi_env env, napi_callback_info info) {
  napi_value arguments[3], result;
  int64_t fd, index;
  void *frame;
  size_t length;
  struct sockaddr_ll to;
  if (!haup_arguments(env, info, 3, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "descriptor", 0, INT32_MAX, &fd)) return NULL;
  if (!haup_int(env, arguments[1], "interfaceIndex", 1, INT32_MAX, &index)) return NULL;
  if (!haup_bytes(env, arguments[2], "frame", ETH_HLEN, 65535, &frame, &length)) return NULL;
  memset(&to, 0, sizeof to);
  to.sll_family = AF_PACKET;
  to.sll_ifindex = (int)index;
  to.sll_halen = ETH_ALEN;
  memcpy(to.sll_addr, frame, ETH_ALEN);
  memcpy(&to.sll_protocol, (const char *)frame + 2 * ETH_ALEN, sizeof to.sll_protocol);
  ssize_t sent;
  do {
    sent = sendto((int)fd, frame, length, 0, (const struct sockaddr *)&to, sizeof to);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return haup_throw_errno(env, errno, "sendto");
  if ((size_t)sent != length) return haup_throw_errno(env, EMSGSIZE, "sendto");
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}
