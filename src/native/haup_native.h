/*
 * haup's own Node-API addon: the system calls that npm has no package for. One concern per file:
 *   addon.c          what JavaScript sees
 *   arguments.c      checked conversion of arguments
 *   errors.c         errno -> Error with `code` and `syscall`
 *   interface.c      an interface's index, name, flags and hardware address
 *   packet-socket.c  link-layer frames (CAP_NET_RAW)
 *   arp-watch.c      ARP that is about given addresses (CAP_NET_RAW)
 *   unix-datagram.c  datagrams to unix sockets: the service manager, the journal
 *   netlink-socket.c a netlink socket's overflows
 *   file-lock.c      a lock that the kernel frees when its holder dies
 *   process-exit.c   the end of a process, as an event
 *   timer.c          a timer of microseconds
 *   watch.c          what the last two and arp-watch.c have in common: a descriptor and a callback
 *   descriptor.c     descriptors: close, close-on-exec
 *   slow-descriptor.c  where sockets that are slow to close stand among the descriptors
 *
 * Conventions: every function returns NULL with an exception pending when it fails, and never both. Descriptors are
 * plain numbers, opened close-on-exec.
 */
#ifndef HAUP_NATIVE_H
#define HAUP_NATIVE_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Number.MAX_SAFE_INTEGER */
#define HAUP_MAX_SAFE_INTEGER 9007199254740991LL

/* errors.c */
napi_value haup_throw_errno(napi_env env, int errnum, const char *syscall);
napi_value haup_throw_argument(napi_env env, const char *message);

/* arguments.c: each returns false with a TypeError or RangeError pending. */
bool haup_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);
bool haup_int(napi_env env, napi_value value, const char *name, int64_t low, int64_t high, int64_t *result);
bool haup_bytes(napi_env env, napi_value value, const char *name, size_t low, size_t high, void **data, size_t *length);
bool haup_function(napi_env env, napi_value value, const char *name);
bool haup_interface_name(napi_env env, napi_value value, char *name);

/* slow-descriptor.c */
int haup_slow_descriptor(int fd);
int haup_close(int fd);

/* watch.c */
#define HAUP_WATCH_ARGUMENTS 2
/* Alive as long as JavaScript can reach its function, or libuv its handle. */
struct haup_watch {
  uv_poll_t poll;
  int fd;
  int owners;
  bool closing;
  bool forgotten;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle teardown;
  void (*on_readable)(struct haup_watch *watch);
  /* JavaScript cannot reach its function any more; may be NULL. */
  void (*on_forgotten)(struct haup_watch *watch);
};
/* Takes the descriptor, also when it fails: then it is closed, an exception is pending, and the result is NULL. */
struct haup_watch *haup_watch_start(napi_env env, const char *name, napi_value callback, int fd,
                                    void (*on_readable)(struct haup_watch *watch));
/* The function for JavaScript, with the watch as its data. One that cannot be made ends the watch. */
napi_value haup_watch_function(struct haup_watch *watch, napi_callback function);
/* The function that ends the watch. */
napi_value haup_watch_closer(struct haup_watch *watch);
void haup_watch_end(struct haup_watch *watch);
/* Calls back, with `count` arguments that `fill` makes of `data`. What it throws becomes an uncaught exception. */
void haup_watch_call(struct haup_watch *watch, size_t count,
                     bool (*fill)(napi_env env, const void *data, napi_value *arguments), const void *data);

/* What addon.c exports; src/native/index.ts documents each. */
napi_value haup_interface_by_name(napi_env env, napi_callback_info info);
napi_value haup_name_of_interface(napi_env env, napi_callback_info info);
napi_value haup_open_packet_socket(napi_env env, napi_callback_info info);
napi_value haup_send_frame(napi_env env, napi_callback_info info);
napi_value haup_watch_arp(napi_env env, napi_callback_info info);
napi_value haup_open_unix_datagram_socket(napi_env env, napi_callback_info info);
napi_value haup_send_unix_datagram(napi_env env, napi_callback_info info);
napi_value haup_close_descriptor(napi_env env, napi_callback_info info);
napi_value haup_reserve_descriptors(napi_env env, napi_callback_info info);
napi_value haup_seal_raw_sockets(napi_env env, napi_callback_info info);
napi_value haup_survive_overflow(napi_env env, napi_callback_info info);
napi_value haup_allow_netlink_messages(napi_env env, napi_callback_info info);
napi_value haup_netlink_drops(napi_env env, napi_callback_info info);
napi_value haup_lock_file(napi_env env, napi_callback_info info);
napi_value haup_open_timer(napi_env env, napi_callback_info info);
napi_value haup_watch_exit(napi_env env, napi_callback_info info);

#endif
