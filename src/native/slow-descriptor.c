#define _GNU_SOURCE /* dup3 */

#include "haup_native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * The kernel lets go of a dead process's files one after the other, from the highest descriptor down (since Linux 4.3:
 * fput() queues them as task work, which is run last in, first out). A packet socket keeps it for 10 ms and more
 * (packet_release() waits in synchronize_net()). Whatever others wait for when an engine dies, such as the socket that owns
 * the open gate, must not wait behind one: packet sockets get low descriptors that were set aside at the start.
 */
#define MOST 8

static int reserved[MOST];
static bool taken[MOST];
static int count = 0;

static int index_of(int fd) {
  for (int at = 0; at < count; at++) {
    if (reserved[at] == fd) return at;
  }
  return -1;
}

/* Moves an open descriptor to one of those set aside and returns that; when none is free, returns it as it is. */
int haup_slow_descriptor(int fd) {
  for (int at = 0; at < count; at++) {
    if (taken[at]) continue;
    if (dup3(fd, reserved[at], O_CLOEXEC) < 0) return fd;
    taken[at] = true;
    close(fd);
    return reserved[at];
  }
  return fd;
}

/* Closes a descriptor; one that was set aside stays so. Returns 0, or -1 with errno. */
int haup_close(int fd) {
  int at = index_of(fd);
  if (at < 0) return close(fd);
  if (!taken[at]) {
    errno = EBADF;
    return -1;
  }
  int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
  /* It closes what was there. */
  if (empty >= 0 && dup3(empty, fd, O_CLOEXEC) == fd) taken[at] = false;
  else {
    close(fd);
    reserved[at] = reserved[--count];
    taken[at] = taken[count];
  }
  if (empty >= 0) close(empty);
  return 0;
}

/* What this process was given beside its standard streams goes on to no command that it starts. */
static void seal_inherited(void) {
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return;
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    char *end;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end != '\0' || end == entry->d_name || fd <= STDERR_FILENO) continue;
    int flags = fcntl((int)fd, F_GETFD);
    if (flags >= 0) fcntl((int)fd, F_SETFD, flags | FD_CLOEXEC);
  }
  closedir(directory);
}

/* reserveDescriptors(): seals what was inherited, and sets descriptors aside, once in the life of a process; returns those that it could get. */
napi_value haup_reserve_descriptors(napi_env env, napi_callback_info info) {
  napi_value result, number;
  if (!haup_arguments(env, info, 0, NULL)) return NULL;
  if (count == 0) seal_inherited();
  while (count < MOST) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
    taken[count] = false;
    reserved[count++] = fd;
  }
  if (napi_create_array_with_length(env, (size_t)count, &result) != napi_ok) return NULL;
  for (int at = 0; at < count; at++) {
    if (napi_create_int32(env, reserved[at], &number) != napi_ok) return NULL;
    if (napi_set_element(env, result, (uint32_t)at, number) != napi_ok) return NULL;
  }
  return result;
}
