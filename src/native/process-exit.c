#include "haup_native.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/*
 * A pidfd becomes readable when its process has ended (pidfd_open(2), Linux 5.3), whoever its parent is, and it never
 * means another process, also when the number is given away again.
 */

/* Once: a process ends once. */
static void on_exit_seen(struct haup_watch *watch) {
  haup_watch_end(watch);
  haup_watch_call(watch, 0, NULL, NULL);
}

/* watchExit(pid, onExit). Returns the function that ends it. */
napi_value haup_watch_exit(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int64_t pid;
  if (!haup_arguments(env, info, 2, arguments)) return NULL;
  if (!haup_int(env, arguments[0], "pid", 1, INT32_MAX, &pid)) return NULL;
  if (!haup_function(env, arguments[1], "onExit")) return NULL;
  /* Close-on-exec by itself. */
  int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
  if (fd < 0) return haup_throw_errno(env, errno, "pidfd_open");
  struct haup_watch *watch = haup_watch_start(env, "HAUP_PROCESS", arguments[1], fd, on_exit_seen);
  return watch == NULL ? NULL : haup_watch_closer(watch);
}
