#include "haup_native.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

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

/* Alive as long as JavaScript can reach its close function, or libuv its handle. */
struct watch {
  uv_poll_t poll;
  int fd;
  int owners;
  bool closing;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle teardown;
};

static void release(struct watch *watch) {
  if (--watch->owners == 0) free(watch);
}

static void on_closed(uv_handle_t *handle) {
  struct watch *watch = handle->data;
  napi_handle_scope scope;
  haup_close(watch->fd);
  if (napi_open_handle_scope(watch->env, &scope) == napi_ok) {
    napi_delete_reference(watch->env, watch->callback);
    napi_async_destroy(watch->env, watch->context);
    napi_close_handle_scope(watch->env, scope);
  }
  if (watch->teardown != NULL) napi_remove_async_cleanup_hook(watch->teardown);
  release(watch);
}

static void begin_close(struct watch *watch) {
  if (watch->closing) return;
  watch->closing = true;
  uv_poll_stop(&watch->poll);
  uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static void on_teardown(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  begin_close(data);
}

static void on_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

/* Calls onFrame(interfaceIndex, frame). What it throws becomes an uncaught exception. */
static void deliver(struct watch *watch, int index, const uint8_t *frame, size_t length) {
  napi_env env = watch->env;
  napi_handle_scope scope;
  napi_value receiver, callback, arguments[2], buffer, thrown;
  void *data;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_global(env, &receiver) == napi_ok &&
      napi_get_reference_value(env, watch->callback, &callback) == napi_ok &&
      napi_create_int32(env, index, &arguments[0]) == napi_ok &&
      napi_create_arraybuffer(env, length, &data, &buffer) == napi_ok) {
    memcpy(data, frame, length);
    if (napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &arguments[1]) == napi_ok) {
      napi_make_callback(env, watch->context, receiver, callback, 2, arguments, NULL);
    }
  }
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok) {
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}

/* Errors such as ENETDOWN are an interface's, not the socket's: reading them clears them. */
static void on_readable(uv_poll_t *poll, int status, int events) {
  struct watch *watch = poll->data;
  (void)status;
  (void)events;
  for (int taken = 0; taken < BATCH && !watch->closing; taken++) {
    uint8_t frame[FRAME_LENGTH];
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    memset(&from, 0, sizeof from);
    ssize_t length = recvfrom(watch->fd, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (length == FRAME_LENGTH && from.sll_pkttype != PACKET_OUTGOING) {
      deliver(watch, from.sll_ifindex, frame, FRAME_LENGTH);
    }
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

static napi_value close_watch(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  size_t count = 0;
  if (napi_get_cb_info(env, info, &count, NULL, NULL, &data) != napi_ok) return NULL;
  begin_close(data);
  return napi_get_undefined(env, &result) == napi_ok ? result : NULL;
}

static struct watch *start(napi_env env, napi_value callback, int fd) {
  napi_value name;
  uv_loop_t *loop;
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return NULL;
  watch->fd = fd;
  watch->env = env;
  watch->poll.data = watch;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, "HAUP_ARP", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_reference(env, callback, 1, &watch->callback) != napi_ok) {
    free(watch);
    return NULL;
  }
  if (napi_async_init(env, NULL, name, &watch->context) != napi_ok) {
    napi_delete_reference(env, watch->callback);
    free(watch);
    return NULL;
  }
  if (uv_poll_init(loop, &watch->poll, fd) != 0) {
    napi_async_destroy(env, watch->context);
    napi_delete_reference(env, watch->callback);
    free(watch);
    return NULL;
  }
  /* From here on only closing ends it. */
  watch->owners = 1;
  napi_add_async_cleanup_hook(env, on_teardown, watch, &watch->teardown);
  uv_poll_start(&watch->poll, UV_READABLE, on_readable);
  return watch;
}

/* watchArp(addresses, onFrame): 4 bytes for each address. Returns the function that ends it. */
napi_value haup_watch_arp(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  napi_valuetype type;
  void *addresses;
  size_t length;
  int fd;
  if (!haup_arguments(env, info, 2, arguments)) return NULL;
  if (!haup_bytes(env, arguments[0], "addresses", 4, 4 * MOST_ADDRESSES, &addresses, &length)) return NULL;
  if (length % 4 != 0) return haup_throw_argument(env, "addresses must be 4 bytes each");
  if (napi_typeof(env, arguments[1], &type) != napi_ok || type != napi_function) {
    return haup_throw_argument(env, "onFrame must be a function");
  }
  const char *failed = open_socket(addresses, length / 4, &fd);
  if (failed != NULL) {
    int errnum = errno;
    if (fd >= 0) haup_close(fd);
    return haup_throw_errno(env, errnum, failed);
  }
  struct watch *watch = start(env, arguments[1], fd);
  if (watch == NULL) {
    haup_close(fd);
    return haup_throw_errno(env, ENOMEM, "uv_poll_init");
  }
  if (napi_create_function(env, "close", NAPI_AUTO_LENGTH, close_watch, watch, &result) != napi_ok) {
    begin_close(watch);
    return NULL;
  }
  watch->owners++;
  if (napi_add_finalizer(env, result, watch, on_collected, NULL, NULL) != napi_ok) {
    begin_close(watch);
    return NULL;
  }
  return result;
}
