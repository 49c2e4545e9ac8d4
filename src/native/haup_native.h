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
 *   descriptor.c     descriptors: close, close-on-exec
 *   slow-descriptor.c where sockets that are slow to close stand among the descriptors
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

/* errors.c */
napi_value haup_throw_errno(napi_env env, int errnum, const char *syscall);
napi_value haup_throw_argument(napi_env env, const char *message);

/* arguments.c: each returns false with a TypeError or RangeError pending. */
bool haup_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);
bool haup_int(napi_env env, napi_value value, const char *name, int64_t low, int64_t high, int64_t *result);
bool haup_bytes(napi_env env, napi_value value, const char *name, size_t low, size_t high, void **data, size_t *length);
bool haup_interface_name(napi_env env, napi_value value, char *name);

/* slow-descriptor.c */
int haup_slow_descriptor(int fd);
int haup_close(int fd);

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
napi_value haup_netlink_drops(napi_env env, napi_callback_info info);
napi_value haup_lock_file(napi_env env, napi_callback_info info);
napi_value haup_watch_exit(napi_env env, napi_callback_info info);

#endif
