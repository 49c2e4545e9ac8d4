#include "haup_native.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * One AF_PACKET socket that hears ARP on every interface, so that none of them has to exist, stay up or keep its index.
 * The kernel drops what is not about the given addresses before it wakes us. Our own frames are not heard: the kernel
 * shows them to ETH_P_ALL sockets only.
 */

/* Ethernet header and an ARP packet for Ethernet and IPv4 (RFC 826); padding is cut off. */
#define FRAME_LENGTH (ETH_HLEN + 28)
/* Frames taken per wake-up: a burst is drained at once, a flood leaves time for the timers. */
#define BATCH 64
#define MOST_ADDRESSES 1024

struct heard {
  int index;
  uint8_t frame[FRAME_LENGTH];
};

/* onFrame(interfaceIndex, frame) */
static bool fill(napi_env env, const void *data, napi_value *arguments) {
  const struct heard *heard = data;
  napi_value buffer;
  void *bytes;
  if (napi_create_int32(env, heard->index, &arguments[0]) != napi_ok ||
      napi_create_arraybuffer(env, FRAME_LENGTH, &bytes, &buffer) != napi_ok) {
    return false;
  }
  memcpy(bytes, heard->frame, FRAME_LENGTH);
  return napi_create_typedarray(env, napi_uint8_array, FRAME_LENGTH, buffer, 0, &arguments[1]) == napi_ok;
}

/* Errors such as ENETDOWN are an interface's, not the socket's: reading them clears them. */
static void on_readable(struct haup_watch *watch) {
  for (int taken = 0; taken < BATCH && !watch->closing; taken++) {
    struct heard heard;
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    memset(&from, 0, sizeof from);
    ssize_t length =
        recvfrom(watch->fd, heard.frame, sizeof heard.frame, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (length != FRAME_LENGTH || from.sll_pkttype == PACKET_OUTGOING) continue;
    heard.index = from.sll_ifindex;
    haup_watch_call(watch, 2, fill, &heard);
  }
}

/*
 * Lets a frame pass whose sender is one of the addresses, or which is a probe (RFC 5227 1.1: no sender address) for one
 * of them. Two instructions for each address, since jumps are short.
 */
static int attach_filter(int fd, const uint8_t *addresses, size_t count) {
  const struct sock_filter head[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETH_HLEN), /* hardware and protocol type: Ethernet, IPv4 */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x00010800, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETH_HLEN + 4), /* address lengths */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0604, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETH_HLEN + 14), /* sender's protocol address */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ETH_HLEN + 24), /* target's */
  };
  const size_t fixed = sizeof head / sizeof *head;
  struct sock_filter *code = calloc(fixed + 2 * count + 1, sizeof *code);
  if (code == NULL) {
    errno = ENOMEM;
    return -1;
  }
  memcpy(code, head, sizeof head);
  size_t at = fixed;
  for (size_t each = 0; each < count; each++) {
    uint32_t address;
    memcpy(&address, addresses + 4 * each, sizeof address);
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(address), 0, 1);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, FRAME_LENGTH);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
  const struct sock_fprog program = {.len = (unsigned short)at, .filter = code};
  int status = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  int errnum = errno;
  free(code);
  errno = errnum;
  return status;
}

/* The protocol comes last: until then the socket receives nothing, also not what the filter would drop. */
static const char *open_socket(const uint8_t *addresses, size_t count, int *fd) {
  struct sockaddr_ll all;
  memset(&all, 0, sizeof all);
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ETH_P_ARP);
  *fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (*fd < 0) return "socket";
  *fd = haup_slow_descriptor(*fd);
  if (attach_filter(*fd, addresses, count) != 0) return "setsockopt";
  return bind(*fd, (const struct sockaddr *)&all, sizeof all) == 0 ? NULL : "bind";
}

/* watchArp(addresses, onFrame): 4 bytes for each address. Returns the function that ends it. */
napi_value haup_watch_arp(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  void *addresses;
  size_t length;
  int fd;
  if (!haup_arguments(env, info, 2, arguments)) return NULL;
  if (!haup_bytes(env, arguments[0], "addresses", 4, 4 * MOST_ADDRESSES, &addresses, &length)) return NULL;
  if (length % 4 != 0) return haup_throw_argument(env, "addresses must be 4 bytes each");
  if (!haup_function(env, arguments[1], "onFrame")) return NULL;
  const char *failed = open_socket(addresses, length / 4, &fd);
  if (failed != NULL) {
    int errnum = errno;
    if (fd >= 0) haup_close(fd);
    return haup_throw_errno(env, errnum, failed);
  }
  struct haup_watch *watch = haup_watch_start(env, "HAUP_ARP", arguments[1], fd, on_readable);
  return watch == NULL ? NULL : haup_watch_closer(watch);
}
